/**
 * Supervises one command from its claim to its exit record, in an order that leaves no doubt whenever the supervisor or
 * the machine dies.
 *
 * Everything that can fail for want of disk space happens before the claim. After the claim the command is started
 * behind a gate: a shell that waits for one line and then becomes the command. The gate opens only when the claim and
 * `started-N` are on disk; they lie in one folder, so one sync does for both. A supervisor that dies before closes the gate,
 * and nothing is run.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { point } from '../../fault-points.js';
import type { Pipes } from '../../pipes.js';
import { endGroup, identify, type ProcessIdentity } from '../../processes.js';
import { claimJob, type ExitRecord, markStarted, type SupervisorRequest, syncFolder } from './job.js';
import { type Output, openOutput, reasonOf } from './output.js';

/** Bytes kept on disk for the exit record, so that a disk that fills up meanwhile cannot lose it. */
const RESERVE = 4_096;
/** From TERM to KILL for what a killed command has left. */
const GRACE_MS = 5_000;
/** How long after a failure the exit record is written again. */
const WRITE_AGAIN_MS = 1_000;
const GATE = 'IFS= read -r go <&3 || exit 125; exec 3<&-; exec "$@"';

/** Several requests for one job may be at work at once: each has a draft of its own. */
let drafts = 0;

export type Claim =
  /** `recorded`: how it ended is on disk. `over`: nothing that it started holds its output open any more. */
  | { readonly claim: 'ours'; readonly recorded: Promise<void>; readonly over: Promise<void> }
  | { readonly claim: 'taken' };

/** Claims the job and starts its command. Throws when it could not begin: then nothing was run, and nothing is claimed. */
export async function supervise(job: SupervisorRequest, self: ProcessIdentity, pipes: Pipes): Promise<Claim> {
  drafts += 1;
  const draft = `${job.folder}/result-${job.claim}.${self.pid}.${drafts}`;
  const result = await open(draft, 'wx', 0o600);
  let output: Output | null = null;
  try {
    await result.write(Buffer.alloc(RESERVE, ' '), 0, RESERVE, 0);
    [output] = await Promise.all([openOutput(job, pipes), result.sync()]);
    point('before-claim');
    if (claimJob(job.folder, job.claim, self)) {
      point('after-claim');
      const recorded = carryOut(job, output, { draft, handle: result });
      const { closed } = output;
      return { claim: 'ours', recorded, over: recorded.then(() => closed) };
    }
  } catch (error) {
    await abandon(draft, result, output);
    throw error;
  }
  await abandon(draft, result, output);
  return { claim: 'taken' };
}

async function abandon(draft: string, result: FileHandle, output: Output | null): Promise<void> {
  output?.handedOver();
  await result.close();
  rmSync(draft, { force: true });
}

type Ending = Pick<ExitRecord, 'exitCode' | 'signal' | 'notStarted'>;

interface Result {
  readonly draft: string;
  readonly handle: FileHandle;
}

/** Runs the command to its end, and resolves when that is recorded. Never rejects. */
async function carryOut(job: SupervisorRequest, output: Output, result: Result): Promise<void> {
  const ending = await run(job, output);
  await output.settled();
  const exit: ExitRecord = { ...ending, outputLost: output.lost(), at: Date.now() };
  point('before-exit-file');
  // Without the record nobody could tell how the command ended: it is worth more than one try, while there is a folder.
  while (!(await record(job.folder, result, exit)) && existsSync(job.folder)) await pause(WRITE_AGAIN_MS);
  point('after-exit-file');
}

async function record(folder: string, { draft, handle }: Result, exit: ExitRecord): Promise<boolean> {
  try {
    const text = Buffer.from(JSON.stringify(exit));
    await handle.write(text, 0, text.length, 0);
    await handle.sync();
    renameSync(draft, `${folder}/exit.json`);
  } catch {
    return false;
  }
  // The worker that waits may read it now. Lost with the machine before this sync, it would be asked about, not run again.
  await Promise.allSettled([handle.close(), syncFolder(folder)]);
  return true;
}

async function run(job: SupervisorRequest, output: Output): Promise<Ending> {
  let child: ChildProcess;
  try {
    child = spawn('/bin/sh', ['-c', GATE, 'sh', ...job.argv], {
      cwd: job.cwd,
      env: job.env,
      detached: true,
      stdio: ['ignore', output.descriptor, output.descriptor, 'pipe'],
    });
  } catch (error) {
    return { exitCode: null, signal: null, notStarted: reasonOf(error) };
  } finally {
    output.handedOver();
  }
  const ended = endOf(child);
  const refused = await openGate(job, child);
  const ending = await ended;
  return { ...ending, notStarted: ending.notStarted ?? refused };
}

/** Null when the command may act; else why it never will. */
async function openGate(job: SupervisorRequest, child: ChildProcess): Promise<string | null> {
  const gate = child.stdio[3];
  const { pid } = child;
  if (pid === undefined || !(gate instanceof Writable)) return null; // It could not be started; its end says why.
  gate.on('error', () => undefined); // The command was killed before the gate opened; its end says so.
  try {
    const command = identify(pid);
    point('before-started');
    if (command !== null && !markStarted(job.folder, job.claim, command)) {
      throw new Error('It was killed before it could start.');
    }
    await syncFolder(job.folder);
    point('after-started');
    gate.end('go\n');
    return null;
  } catch (error) {
    gate.destroy();
    return reasonOf(error);
  }
}

async function endOf(child: ChildProcess): Promise<Ending> {
  const { pid } = child;
  const ending = await new Promise<Ending>((resolve) => {
    child.on('error', (error) => resolve({ exitCode: null, signal: null, notStarted: reasonOf(error) }));
    child.on('exit', (exitCode, signal) => resolve({ exitCode, signal, notStarted: null }));
  });
  // It was killed: what it had started must not keep running after the failure is reported.
  if (ending.signal !== null && pid !== undefined) await endGroup(pid, GRACE_MS);
  return ending;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
