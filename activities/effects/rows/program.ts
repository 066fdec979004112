/**
 * The program of a `code_location`: it gets the rows of one batch on its standard input, one JSON object per line, and answers a line for
 * each, in the same order: the object that the row becomes, or `null` for a row that is left out.
 */
import { spawn } from 'node:child_process';
import type { RowsAction, ScriptFile } from '../../../strategy/plan.js';
import { interruptionSignal } from '../../attempt.js';
import type { EffectJob, RunContext } from '../../contract.js';
import { type Dependencies, limitsOf } from '../../dependencies.js';
import { environmentOf } from '../../environment.js';
import { endGroup } from '../../processes.js';
import { programOf } from '../../program.js';
import { redact } from '../../redact.js';
import { codeOf, Refusal } from '../../refusal.js';
import { secretForms, UnresolvedReference } from '../../secrets.js';
import { oneLine } from '../../tail.js';
import { causeOfExit, durationText } from '../../wording.js';

/** Milliseconds that a batch may take. */
const LIMIT_MS = 60_000;
/** Bytes that the worker keeps of the answers to a batch. */
const MOST_BYTES = 256 * 1024 ** 2;
const KEPT_ERRORS = 2_000;

/** The program did not answer these rows as it should. For people. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed';
}

/** It was ended, because the activity is interrupted. */
export class ProgramStopped extends Error {
  override readonly name = 'ProgramStopped';
}

/** Answers as many lines as it was given. Throws `ProgramFailed`, `ProgramStopped` and `Refusal`. */
export type Program = (lines: readonly string[]) => Promise<readonly string[]>;

/** Null where no program is run. */
export function programFor(dependencies: Dependencies, job: EffectJob<RowsAction>): Program | null {
  const { program, direction } = job.action;
  if (program === undefined || direction === 'undo') return null;
  const { context } = job;
  return programAt(program, {
    context,
    env: dependencies.env,
    job,
    graceMs: limitsOf(dependencies).killGraceMs,
  });
}

export interface ProgramPlace {
  readonly context: RunContext;
  readonly env: Dependencies['env'];
  /** The job that its variables tell of; null for a trial. */
  readonly job: EffectJob | null;
  /** Milliseconds between the request to end and the kill. */
  readonly graceMs: number;
}

export function programAt(program: ScriptFile, { context, env: own, job, graceMs }: ProgramPlace): Program {
  return async (lines) => {
    const [file = '', ...args] = await programOf({ kind: 'script', ...program }, context.workspace);
    const env = await environmentOf(context, own, job).catch((error: unknown) => {
      throw error instanceof UnresolvedReference ? new Refusal(error.message) : error;
    });
    const ended = await run([file, ...args], { cwd: context.workspace, env, graceMs }, lines);
    if (ended.why === 'interrupted') throw new ProgramStopped(`${program.path} was ended.`);
    const forms = await secretForms(context, own);
    const said = redact(forms, ended.errors.trim().split('\n').slice(-3).join(' / '));
    const cause = causeOf(program.path, ended, lines.length);
    if (cause === null) return ended.answers;
    if (ended.exitCode === 127 || ended.exitCode === 126) throw new Refusal(cause);
    throw new ProgramFailed(said === '' ? cause : `${cause} It said: ${oneLine(said)}`);
  };
}

interface Ended {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly why: 'timeout' | 'interrupted' | 'too-much' | null;
  readonly answers: readonly string[];
  readonly errors: string;
}

function causeOf(path: string, { exitCode, signal, why, answers }: Ended, rows: number): string | null {
  if (why === 'timeout') return `${path} did not answer ${rows} rows within ${durationText(LIMIT_MS)}.`;
  if (why === 'too-much') return `${path} answered more than ${MOST_BYTES} bytes to ${rows} rows.`;
  if (exitCode !== 0) return causeOfExit(path, { exitCode, signal });
  if (answers.length !== rows) return `${path} answered ${answers.length} lines to ${rows} rows.`;
  return null;
}

interface ProcessPlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly graceMs: number;
}

async function run(
  [file = '', ...args]: readonly string[],
  { cwd, env, graceMs }: ProcessPlace,
  lines: readonly string[],
): Promise<Ended> {
  const child = spawn(file, args, { cwd, env, detached: true, stdio: 'pipe' });
  let why: Ended['why'] = null;
  const end = (because: NonNullable<Ended['why']>): void => {
    why ??= because;
    if (child.pid !== undefined) void endGroup(child.pid, graceMs);
  };
  const out: Buffer[] = [];
  let bytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) end('too-much');
    else out.push(chunk);
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-KEPT_ERRORS);
  });
  // It may end before it has read everything: its exit tells what is wrong with that.
  child.stdin.on('error', () => undefined);
  const signal = interruptionSignal();
  const interrupt = (): void => end('interrupted');
  signal.addEventListener('abort', interrupt);
  if (signal.aborted) interrupt();
  const timer = setTimeout(() => end('timeout'), LIMIT_MS);
  try {
    const exit = new Promise<Pick<Ended, 'exitCode' | 'signal'>>((resolve) => {
      child.on('close', (exitCode, by) => resolve({ exitCode, signal: by }));
      child.on('error', (error) =>
        resolve({ exitCode: codeOf(error) === 'EACCES' ? 126 : 127, signal: null }),
      );
    });
    child.stdin.end(lines.map((line) => `${line}\n`).join(''));
    return { ...(await exit), why, answers: linesOf(Buffer.concat(out).toString('utf8')), errors };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
  }
}

/** The last line may lack its end. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
