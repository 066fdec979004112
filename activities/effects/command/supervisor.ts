/**
 * The supervisor: a small program of its own that runs one command and writes down how it ended, so that the worker
 * may die, be replaced, and come back to the result. It is in a session of its own, and outlives whoever started it.
 *
 * Everything that can fail for want of disk space happens before the claim. After the claim the command is started
 * behind a gate: a shell that waits for one line and then becomes the command. The gate opens only when `started-N` is
 * on disk; a supervisor that dies before closes it, and nothing is run.
 *
 * Exits with 0 when its work is done or another has claimed the job, with 3 when it could not begin (the reason is on
 * stderr, and nothing was run). Imports only Node's own modules, so that it starts quickly.
 */
import { spawn } from 'node:child_process';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { point } from '../../fault-points.js';
import { openPipe } from '../../pipe.js';
import { endGroup, identify } from '../../processes.js';
import { Redactor } from '../../redact.js';
import {
  claimJob,
  type ExitRecord,
  isSupervisorRequest,
  markStarted,
  outputFile,
  type SupervisorRequest,
  syncFolder,
} from './job.js';

/** Bytes kept on disk for the exit record, so that a disk that fills up meanwhile cannot lose it. */
const RESERVE = 4_096;
/** A left-behind service keeps the pipe open: the command's own output is in once the pipe was quiet this long. */
const QUIET_MS = 50;
const QUIET_AT_MOST_MS = 1_000;
/** From TERM to KILL for what a killed command has left. */
const GRACE_MS = 5_000;
const GATE = 'IFS= read -r go <&3 || exit 125; exec 3<&-; exec "$@"';

const order = readOrder();
// Whoever shuts the machine down ends the command as well; the supervisor stays to write that down.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
if (order === null) process.exit(1);
supervise(order);

/** An order that did not arrive whole means that the worker died while it gave it: nothing must happen. */
function readOrder(): SupervisorRequest | null {
  try {
    const order: unknown = JSON.parse(readFileSync(0, 'utf8'));
    return isSupervisorRequest(order) ? order : null;
  } catch {
    return null;
  }
}

function supervise(job: SupervisorRequest): void {
  const self = identify(process.pid);
  const draft = `${job.folder}/result-${job.claim}.${process.pid}`;
  let result: number;
  let log: Log;
  try {
    if (self === null) throw new Error('This process cannot be found in the process table.');
    result = openSync(draft, 'wx', 0o600);
    writeSync(result, Buffer.alloc(RESERVE, ' '));
    fsyncSync(result);
    log = openLog(job);
    point('before-claim');
    if (!claimJob(job.folder, job.claim, self)) {
      rmSync(draft);
      process.exit(0);
    }
  } catch (error) {
    rmSync(draft, { force: true });
    process.stderr.write(error instanceof Error ? error.message : String(error), () => process.exit(3));
    return;
  }
  point('after-claim');
  start(job, log, (exit) => {
    point('before-exit-file');
    const lost = log.lost();
    const text = JSON.stringify({ ...exit, outputLost: lost, at: Date.now() } satisfies ExitRecord);
    writeSync(result, text, 0);
    fsyncSync(result);
    closeSync(result);
    renameSync(draft, `${job.folder}/exit.json`);
    syncFolder(job.folder);
    point('after-exit-file');
  });
}

type Ending = Pick<ExitRecord, 'exitCode' | 'signal' | 'notStarted'>;

function start(job: SupervisorRequest, log: Log, finish: (ending: Ending) => void): void {
  let ended = false;
  const finishOnce = (ending: Ending): void => {
    if (ended) return;
    ended = true;
    log.settle(() => finish(ending));
  };
  let refused: string | null = null;
  const child = spawn('/bin/sh', ['-c', GATE, 'sh', ...job.argv], {
    cwd: job.cwd,
    env: job.env,
    detached: true,
    stdio: ['ignore', log.descriptor, log.descriptor, 'pipe'],
  });
  log.handedOver();
  child.on('error', (error) =>
    finishOnce({ exitCode: null, signal: null, notStarted: short(error.message) }),
  );
  const { pid } = child;
  child.on('exit', (exitCode, signal) => {
    const finish = (): void => finishOnce({ exitCode, signal, notStarted: refused });
    // It was killed: what it had started must not go on acting behind the failure that is reported now.
    if (signal === null || pid === undefined) finish();
    else void endGroup(pid, GRACE_MS).then(finish);
  });
  if (pid === undefined) return;
  const gate = child.stdio[3];
  if (!(gate instanceof Writable)) throw new Error('The gate is missing.');
  gate.on('error', () => undefined); // The command was killed before the gate opened; `exit` tells.
  try {
    const command = identify(pid);
    point('before-started');
    if (command !== null) markStarted(job.folder, job.claim, command);
    point('after-started');
    gate.end('go\n');
  } catch (error) {
    refused = short(error instanceof Error ? error.message : String(error));
    gate.destroy();
  }
}

function short(text: string): string {
  return text.slice(0, 1_000);
}

/** Where the command's output goes. */
interface Log {
  /** What the command gets as its stdout and stderr. */
  readonly descriptor: number;
  handedOver(): void;
  /** Calls back when all that the command itself printed is in the log. */
  settle(done: () => void): void;
  lost(): string | null;
}

/**
 * All output passes through a pipe and the redactor. The file itself is not given to the command: a script that says
 * `echo oops > /dev/stderr` would open it anew and cut off what was there. The supervisor stays until the last writer, which
 * may be a service that the command left behind, has closed its end; so that service does not die of a broken pipe.
 */
function openLog(job: SupervisorRequest): Log {
  const file = openSync(outputFile(job.folder), 'a', 0o600);
  const { read, write } = openPipe(job.folder);
  const redactor = new Redactor(job.redact);
  let lost: string | null = null;
  let closed = false;
  let lastData = Date.now();
  const append = (bytes: Buffer): void => {
    try {
      for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
    } catch (error) {
      // The command must not hang because its output finds no room: go on reading, and say so.
      lost = short(error instanceof Error ? error.message : String(error));
    }
  };
  read.on('data', (chunk: Buffer) => {
    lastData = Date.now();
    append(redactor.push(chunk));
  });
  read.on('error', (error) => {
    lost = short(error.message);
  });
  read.on('close', () => {
    closed = true;
    append(redactor.end());
  });
  return {
    descriptor: write,
    handedOver: () => closeSync(write),
    settle: (done) => {
      const begun = Date.now();
      const look = (): void => {
        const quiet = Date.now() - lastData >= QUIET_MS && Date.now() - begun >= QUIET_MS;
        if (closed || quiet || Date.now() - begun >= QUIET_AT_MOST_MS) done();
        else setTimeout(look, 5);
      };
      look();
    },
    lost: () => lost,
  };
}
