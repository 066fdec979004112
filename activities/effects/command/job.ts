/**
 * A job folder: what is known of one command, on disk, in an order that leaves no doubt whenever anything is killed.
 *
 *   job.json     what this is, for people
 *   claim-N      which supervisor may start the command: a symbolic link to "pid.start.boot.time", or to "void"
 *   started-N    the command's own "pid.start.boot", made before the command may act; or "void": it never may
 *   output.log   what it printed, without secrets
 *   exit.json    how it ended
 *   cause.txt    why the job was declared void
 *
 * A link is made in one step, by exactly one of all who try, with its content, and without a block of a full disk. So
 * only one supervisor ever starts the command, however many attempts (even one frozen for hours) try. A claim whose
 * supervisor died before `started-N` has done nothing, and never will: the next number may be claimed. An attempt
 * that reports "nothing was run" first makes the claim void, or what a claim has not started yet, so that nobody runs it after all.
 *
 * A link is visible at once to every living process. They are synced where they must outlive the machine: the claim and the
 * start together before the command may act, and what is void before that is reported.
 *
 * Used by the supervisor, so only Node's own modules are imported.
 */
import { mkdirSync, readFileSync, readlinkSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { anyIsAlive, formatIdentity, isAlive, type ProcessIdentity } from '../../processes.js';

/** What a worker sends to the supervisor. Holds secrets, so it is never written down. */
export interface SupervisorRequest {
  readonly folder: string;
  readonly claim: number;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The forms of the secrets that must not reach `output.log`. */
  readonly redact: readonly string[];
}

export function isSupervisorRequest(value: unknown): value is SupervisorRequest {
  if (typeof value !== 'object' || value === null) return false;
  const texts = (list: unknown): boolean =>
    Array.isArray(list) && list.every((item) => typeof item === 'string');
  return (
    'folder' in value &&
    typeof value.folder === 'string' &&
    'claim' in value &&
    typeof value.claim === 'number' &&
    'argv' in value &&
    texts(value.argv) &&
    'cwd' in value &&
    typeof value.cwd === 'string' &&
    'env' in value &&
    typeof value.env === 'object' &&
    value.env !== null &&
    texts(Object.values(value.env)) &&
    'redact' in value &&
    texts(value.redact)
  );
}

/** How a command ended: `exit.json`. */
export interface ExitRecord {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why the command was not even started; null when it was. */
  readonly notStarted: string | null;
  /** Why a part of its output is missing; null when none is. */
  readonly outputLost: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export type JobState =
  /** Nothing was run. `claim` is the number to claim next. */
  | { readonly state: 'unclaimed'; readonly claim: number }
  /** Nothing was run, and nothing ever will be. */
  | { readonly state: 'void'; readonly cause: string }
  | { readonly state: 'claimed'; readonly claim: number; readonly since: number }
  | {
      readonly state: 'running';
      readonly supervised: boolean;
      /** Of a command without supervisor the first process is gone, others are left and may still act. */
      readonly remains: boolean;
      readonly command: ProcessIdentity;
      readonly since: number;
    }
  | { readonly state: 'lost'; readonly since: number }
  | { readonly state: 'ended'; readonly exit: ExitRecord; readonly since: number };

/** On a full disk a void claim finds room, its cause does not. */
const NO_CAUSE =
  'Nothing was run: the disk was full when an earlier attempt started. Free some space, and retry.';

export function outputFile(folder: string): string {
  return `${folder}/output.log`;
}

export function createJob(folder: string, description: unknown): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${folder}/job.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(description, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, `${folder}/job.json`);
}

/** Looks at a job. Safe at any moment: what is alive is asked before what it may still write. */
export function readJob(folder: string): JobState {
  let number = 1;
  while (readLink(`${folder}/claim-${number + 1}`) !== null) number += 1;
  const claim = readLink(`${folder}/claim-${number}`);
  if (claim === null) return { state: 'unclaimed', claim: number };
  if (claim === 'void') return { state: 'void', cause: readText(`${folder}/cause.txt`) || NO_CAUSE };
  const { identity: supervisor, time: since } = decodeClaim(claim);
  const supervised = isAlive(supervisor);
  const started = readLink(`${folder}/started-${number}`);
  if (started === 'void') return { state: 'void', cause: readText(`${folder}/cause.txt`) || NO_CAUSE };
  const command = started === null ? null : decodeClaim(started).identity;
  const alive = command !== null && isAlive(command);
  const remains = command !== null && !supervised && !alive && anyIsAlive(command);
  const exit = readExit(folder);
  if (exit !== null) return { state: 'ended', exit, since };
  if (command !== null) {
    if (!supervised && !alive && !remains) return { state: 'lost', since };
    return { state: 'running', supervised, remains, command, since };
  }
  return supervised ? { state: 'claimed', claim: number, since } : { state: 'unclaimed', claim: number + 1 };
}

/** Claims the job for this process; false when it already belongs to somebody. */
export function claimJob(folder: string, number: number, self: ProcessIdentity): boolean {
  return makeLink(`${folder}/claim-${number}`, encodeClaim(self));
}

/** Writes down the command before it may act; false when it may not act any more. */
export function markStarted(folder: string, number: number, command: ProcessIdentity): boolean {
  return makeLink(`${folder}/started-${number}`, formatIdentity(command));
}

/** Makes sure that nobody runs the job any more; false when somebody else has claimed it first. */
export async function voidJob(folder: string, number: number, cause: string): Promise<boolean> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return makeVoid(folder, `claim-${number}`, cause);
}

/** Makes sure that a job that was claimed is not started any more; false when its command may act already. */
export async function voidClaim(folder: string, number: number, cause: string): Promise<boolean> {
  return makeVoid(folder, `started-${number}`, cause);
}

/** Makes what was written and linked in the folder outlive the machine. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function makeVoid(folder: string, name: string, cause: string): Promise<boolean> {
  if (readLink(`${folder}/${name}`) !== null) return false;
  try {
    writeFileSync(`${folder}/cause.txt`, cause, { mode: 0o600 });
  } catch (error) {
    // On a full disk the void link still holds; only a later attempt will not know why.
    if (!isCode(error, 'ENOSPC')) throw error;
  }
  if (!makeLink(`${folder}/${name}`, 'void')) return false;
  await syncFolder(folder);
  return true;
}

/** True when this process made the link. */
function makeLink(path: string, content: string): boolean {
  try {
    symlinkSync(content, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return null;
    throw error;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return null;
    throw error;
  }
}

function readExit(folder: string): ExitRecord | null {
  const text = readText(`${folder}/exit.json`);
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null)
    throw new Error(`${folder}/exit.json is not an exit record.`);
  const field = (name: string): unknown => Object.entries(value).find(([key]) => key === name)?.[1];
  const textOrNull = (name: string): string | null => {
    const found = field(name);
    return typeof found === 'string' ? found : null;
  };
  const code = field('exitCode');
  return {
    exitCode: typeof code === 'number' ? code : null,
    signal: textOrNull('signal'),
    notStarted: textOrNull('notStarted'),
    outputLost: textOrNull('outputLost'),
    at: Number(field('at')),
  };
}

/** The content of a claim: who made it, and when (milliseconds since 1970). */
export function encodeClaim(self: ProcessIdentity): string {
  return `${formatIdentity(self)}.${Date.now()}`;
}

export function decodeClaim(text: string): { identity: ProcessIdentity; time: number } {
  const [pid = '', start = '', boot = '', time = ''] = text.split('.');
  return { identity: { pid: Number(pid), start, boot }, time: Number(time) };
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
