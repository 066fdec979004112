/** The state of the copy as text, part by part, so that two moments can be compared line by line. */
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import pg from 'pg';
import type { RunContext } from '../activities/contract.js';
import { environmentOf } from '../activities/environment.js';
import { redact } from '../activities/redact.js';
import { resolveReferences, secretForms } from '../activities/secrets.js';
import { maskText } from '../strategy/rehearsal/difference.js';
import type { FingerprintPart, RehearsalSettings } from '../strategy/rehearsal/settings.js';
import { NotRehearsed } from './not-rehearsed.js';

/** Where a fingerprint is taken. */
export interface Place {
  /** Its bindings hold every connection and the environment. */
  readonly context: RunContext;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const PART_MS = 60_000;

/**
 * Masked, and without secrets. A part that cannot be read before the run proves nothing: `refuse`. After it, such a
 * part is a difference like any other: `tell`.
 * @throws NotRehearsed
 */
export async function takeFingerprint(
  settings: RehearsalSettings,
  place: Place,
  unreadable: 'refuse' | 'tell',
): Promise<string> {
  const texts: string[] = [];
  for (const part of settings.fingerprint) {
    texts.push(`== ${titleOf(part)}`);
    try {
      texts.push((await read(part, place)).trimEnd());
    } catch (error) {
      const why = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
      if (unreadable === 'refuse') {
        const forms = await secretForms(place.context, place.env);
        throw new NotRehearsed(
          redact(forms, `The fingerprint "${titleOf(part)}" ${why}. Correct it, or what the setup makes.`),
        );
      }
      texts.push(why);
    }
  }
  const forms = await secretForms(place.context, place.env);
  return maskText(redact(forms, texts.join('\n')), settings.mask);
}

function titleOf(part: FingerprintPart): string {
  switch (part.kind) {
    case 'files':
      return `files ${part.paths.join(', ')}`;
    case 'command':
      return `command ${part.text}`;
    case 'sql':
      return `sql ${part.text}`;
    case 'http':
      return `http ${part.method} ${part.url}`;
    default:
      return part satisfies never;
  }
}

async function read(part: FingerprintPart, place: Place): Promise<string> {
  switch (part.kind) {
    case 'files':
      return readFiles(part.paths, place);
    case 'command':
      return readCommand(part.text, place);
    case 'sql':
      return readRows(part, place);
    case 'http': {
      const answer = await fetch(await resolved(part.url, place), {
        method: part.method,
        redirect: 'manual',
        signal: AbortSignal.timeout(PART_MS),
      });
      return `status ${answer.status}\n${await answer.text()}`;
    }
    default:
      return part satisfies never;
  }
}

function resolved(text: string, { context, env }: Place): Promise<string> {
  return resolveReferences(text, { env, workspace: context.workspace });
}

async function readCommand(text: string, { context, env }: Place): Promise<string> {
  const { stdout } = await execa('/bin/sh', ['-c', text], {
    cwd: context.workspace,
    env: await environmentOf(context, env, null),
    extendEnv: false,
    stdin: 'ignore',
    timeout: PART_MS,
  });
  return stdout;
}

async function readRows(part: Extract<FingerprintPart, { kind: 'sql' }>, place: Place): Promise<string> {
  const source = place.context.bindings.connections[part.connection]?.postgres ?? '';
  const client = new pg.Client({
    connectionString: await resolved(source, place),
    application_name: 'sluice',
    query_timeout: PART_MS,
    types: { getTypeParser: () => (value: unknown) => value },
  });
  await client.connect();
  try {
    await client.query('begin read only');
    const { rows } = await client.query<Record<string, string | null>>(part.text);
    return rows.map((row) => JSON.stringify(row)).join('\n');
  } finally {
    await client.end();
  }
}

/** Larger files are told by their digest only. */
const SHOWN_BYTES = 64 * 1024;

/** Folders that belong to tools. */
const PASSED_OVER: ReadonlySet<string> = new Set(['.git', 'node_modules']);

async function readFiles(paths: readonly string[], place: Place): Promise<string> {
  const lines: string[] = [];
  for (const path of paths) {
    const name = await resolved(path, place);
    lines.push(...(await entriesOf(resolve(place.context.workspace, name), name)));
  }
  return lines.join('\n');
}

/** One line for what it is, and one per line of a small text. */
async function entriesOf(path: string, name: string): Promise<readonly string[]> {
  const stat = await lstat(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (stat === null) return [`${name} is not there`];
  const mode = (stat.mode & 0o777).toString(8);
  if (stat.isSymbolicLink()) return [`${name} -> ${await readlink(path)}`];
  if (stat.isDirectory()) {
    const children = (await readdir(path)).filter((child) => !PASSED_OVER.has(child)).sort();
    const nested: string[] = [];
    for (const child of children) nested.push(...(await entriesOf(join(path, child), join(name, child))));
    return [`${name}/ ${mode}`, ...nested];
  }
  if (!stat.isFile()) return [`${name} is no file`];
  const bytes = await readFile(path);
  const head = `${name} ${mode} sha256 ${createHash('sha256').update(bytes).digest('hex')}`;
  if (bytes.length > SHOWN_BYTES || bytes.includes(0)) return [head];
  const text = bytes.toString('utf8').replace(/\n$/, '');
  return [`${name} ${mode}`, ...text.split('\n').map((line) => `${name}: ${line}`)];
}
