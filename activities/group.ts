/** Runs one child process in a group of its own, and ends the whole group when it takes too long or is not wanted any more. */
import { spawn } from 'node:child_process';
import { endGroup, groupIsAlive } from './processes.js';
import { codeOf } from './refusal.js';

export interface GroupOptions {
  readonly cwd: string;
  /** All that the child sees. */
  readonly env: Readonly<Record<string, string>>;
  /** An open descriptor that gets both streams; the caller closes it. */
  readonly output: number;
  readonly timeoutMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  readonly signal: AbortSignal;
}

export interface GroupResult {
  /** 127: the program was not found; 126: it may not be executed. Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why the group was ended before its time. */
  readonly ended: 'timeout' | 'interrupted' | null;
}

/** Resolves when the child has ended; after an early end, when nothing of its group is left. Never rejects. */
export async function runInGroup(
  file: string,
  args: readonly string[],
  { cwd, env, output, timeoutMs, graceMs, signal }: GroupOptions,
): Promise<GroupResult> {
  // Not by execa, whose types and pipes are for streams: the output goes to a raw descriptor, which outlives this process.
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', output, output] });
  const exited = new Promise<Pick<GroupResult, 'exitCode' | 'signal'>>((resolve) => {
    child.on('exit', (exitCode, by) => resolve({ exitCode, signal: by }));
    child.on('error', (error) => resolve({ exitCode: codeOf(error) === 'EACCES' ? 126 : 127, signal: null }));
  });
  let ended: GroupResult['ended'] = null;
  const end = (why: 'timeout' | 'interrupted'): void => {
    ended ??= why;
    if (child.pid !== undefined) void endGroup(child.pid, graceMs);
  };
  const timer = setTimeout(() => end('timeout'), timeoutMs);
  const interrupt = (): void => end('interrupted');
  if (signal.aborted) interrupt();
  signal.addEventListener('abort', interrupt);
  try {
    const exit = await exited;
    while (ended !== null && child.pid !== undefined && groupIsAlive(child.pid)) await wait(10);
    return { ...exit, ended };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
