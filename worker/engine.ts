/**
 * The embedded engine: one Temporal dev server per SLUICE_HOME, shared by every sluice process that uses it.
 *
 * Each user signs in with a file in `engine/users`. The server is detached, so that a killed user does not take it
 * along; the next user finds it in `engine.json` and adopts it. A user that leaves cleanly stops the server when
 * nobody else is signed in, no matter who started it. Starting, adopting and stopping all happen under one lock. While a
 * user is signed in it also watches: a server that dies is started again at the same address, by the first to notice,
 * and workers and clients connect to it again by themselves.
 *
 * A user that ends without leaving (a second Ctrl-C, an exception) still asks the server to end, when nobody else is signed
 * in; it only does not wait for it. This holds from before the server is started. `kill -9` alone leaves it behind.
 */
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, signalProcess } from '../activities/processes.js';
import { type EngineRecord, parseEngineRecord } from '../strategy/engine.js';
import { engineFile } from '../strategy/layout.js';
import { findBinary } from './binary.js';
import { privateFolder, readIfThere, writeAtomically } from './files.js';
import { isHeldByAnother, withLock } from './lock.js';
import type { Lookup } from './lookup.js';
import { answers, startServer, stopServer } from './server.js';
import { othersSignedIn, signIn, signOut } from './users.js';

/** How often a user looks whether the server still lives. Reading one file of /proc: cheap. */
const WATCH_MS = 500;
/** How long a living server may take to answer: it may be just starting, on a busy machine. */
const ANSWER_MS = 20_000;

export interface Engine {
  /** `host:port` of the gRPC front end. */
  readonly address: string;
  /** The URL of Temporal's web page; null when the engine has none. */
  readonly webUi: string | null;
  /** True when the server was already running. */
  readonly adopted: boolean;
  /** Writes into engine.json where the dashboard is; null: nowhere any more. */
  announce(dashboard: string | null): Promise<void>;
  /** Stops using the engine; stops the server as well when nobody else uses it. May be called twice. */
  stop(): Promise<void>;
}

export type EngineOptions = Lookup;

/**
 * Finds the embedded engine of this home or starts it, and signs this process in as its user.
 * @throws EngineUnavailable when no server binary can be had, or the server does not start.
 */
export async function ensureEngine(options: EngineOptions): Promise<Engine> {
  privateFolder(options.home);
  privateFolder(join(options.home, 'engine'));
  mkdirSync(usersFolder(options.home), { recursive: true, mode: 0o700 });
  const abandon = (): void => leaveAtOnce(options);
  process.once('exit', abandon);
  const { record, adopted } = await adoptOrStart(options, true).catch((error: unknown) => {
    process.off('exit', abandon);
    throw error;
  });
  const watch = watchOver(options);
  let stopped: Promise<void> | null = null;
  return {
    address: record.address,
    webUi: record.webUi,
    adopted,
    announce: (dashboard) => announce(options, dashboard),
    stop() {
      stopped ??= watch
        .end()
        .then(() => leave(options))
        .then(() => void process.off('exit', abandon));
      return stopped;
    },
  };
}

async function adoptOrStart(
  options: EngineOptions,
  newUser: boolean,
): Promise<{ readonly record: EngineRecord; readonly adopted: boolean }> {
  const adopted = await locked(options.home, () => adopt(options, newUser));
  if (adopted !== null) return { record: adopted, adopted: true };
  // Outside the lock: it may take minutes.
  const binary = await findBinary(options);
  return locked(options.home, async () => {
    const found = await adopt(options, newUser);
    if (found !== null) return { record: found, adopted: true };
    const record = await startServer({
      home: options.home,
      env: options.env,
      binary,
      last: known(options.home) ?? read(lastFile(options.home)),
      // A new user found nobody: what an earlier one hosted is gone.
      dashboard: newUser ? null : (known(options.home)?.dashboard ?? null),
    });
    if (newUser) signIn(usersFolder(options.home));
    return { record, adopted: false };
  });
}

/** The running server, or null when none runs. One that lives and never answers is ended: nothing else helps it. */
async function adopt({ home, log }: EngineOptions, newUser: boolean): Promise<EngineRecord | null> {
  const record = known(home);
  if (record === null || !isAlive(record)) return null;
  if (!(await answers(record.address, ANSWER_MS, () => isAlive(record)))) {
    if (isAlive(record)) {
      log(`the engine (process ${record.pid}) does not answer at ${record.address}; restarting it`);
      await stopServer(record);
    }
    return null;
  }
  if (newUser) signIn(usersFolder(home));
  return record;
}

async function announce({ home }: EngineOptions, dashboard: string | null): Promise<void> {
  await locked(home, async () => {
    const record = known(home);
    if (record !== null) writeAtomically(engineFile(home), `${JSON.stringify({ ...record, dashboard })}\n`);
  });
}

async function leave({ home }: EngineOptions): Promise<void> {
  await locked(home, async () => {
    signOut(usersFolder(home));
    if (othersSignedIn(usersFolder(home))) return;
    const record = known(home);
    if (record === null) return;
    await stopServer(record);
    renameSync(engineFile(home), lastFile(home));
  });
}

/**
 * What can still be done while the process exits: without the lock and without waiting. A user that comes at the same moment
 * either holds the lock, and the server stays, or sees the server end and starts it again. engine.json stays for it.
 */
function leaveAtOnce({ home }: EngineOptions): void {
  if (isHeldByAnother(lockFile(home))) return;
  signOut(usersFolder(home));
  if (othersSignedIn(usersFolder(home))) return;
  const record = known(home);
  if (record !== null) signalProcess(record, 'SIGTERM');
}

function watchOver(options: EngineOptions): { end(): Promise<void> } {
  let ended = false;
  let busy: Promise<void> = Promise.resolve();
  let restarting = false;
  const look = async () => {
    const record = known(options.home);
    if (record !== null && isAlive(record)) return;
    options.log('the engine has stopped; restarting it');
    await adoptOrStart(options, false);
    options.log('the engine is running again');
  };
  const timer = setInterval(() => {
    if (ended || restarting) return;
    restarting = true;
    busy = look()
      .catch((error: unknown) => options.log(`the engine could not be restarted: ${String(error)}`))
      .finally(() => {
        restarting = false;
      });
  }, WATCH_MS);
  timer.unref();
  return {
    async end() {
      ended = true;
      clearInterval(timer);
      await busy;
    },
  };
}

function known(home: string): EngineRecord | null {
  return read(engineFile(home));
}

function read(path: string): EngineRecord | null {
  const text = readIfThere(path);
  return text === null ? null : parseEngineRecord(text);
}

/** The record of the engine that was stopped last: the next one takes its ports, so that addresses stay. */
function lastFile(home: string): string {
  return join(home, 'engine', 'last.json');
}

function locked<T>(home: string, work: () => Promise<T>): Promise<T> {
  return withLock(lockFile(home), work);
}

function lockFile(home: string): string {
  return join(home, 'engine', 'lock');
}

function usersFolder(home: string): string {
  return join(home, 'engine', 'users');
}
