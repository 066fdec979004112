/**
 * The test bed under attack: an engine, two workers of one host (one beside the engine, one behind a wire that can be cut), a
 * target database, and job folders on a small disk where mounting one is permitted.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Connection, Client as Temporal } from '@temporalio/client';
import { connect } from '../../client/connect.js';
import { embeddedEngine } from '../../client/engine.js';
import type { Sluice } from '../../client/sluice.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { Ledger } from './ledger.js';
import { Kept, processesOf, send } from './processes.js';
import { openWire, type Wire } from './wire.js';

/** Histories are cut after this many events, so that every run continues as new several times. */
const SUGGEST_AFTER = 80;
const DISK_BYTES = 64 * 1024 * 1024;
/** How long processes get to leave once the workers have stopped. */
const LEAVE_MS = 10_000;
const PATIENCE_MS = 120_000;

export interface TestBed {
  readonly folder: string;
  readonly home: string;
  /** Where faults lie in wait; see activities/fault-points.ts. */
  readonly faults: string;
  readonly workers: readonly [Kept, Kept];
  readonly wire: Wire;
  readonly postgres: Postgres;
  readonly ledger: Ledger;
  readonly sluice: Sluice;
  readonly temporal: Temporal;
  /** The disk of the job folders; null where mounting one is not permitted. */
  readonly disk: { readonly folder: string; readonly bytes: number } | null;
  enginePid(): number | null;
  /** Stops everything. Answers with what was still alive afterwards (and is not any more). */
  close(keep: boolean): Promise<readonly string[]>;
}

/** @param binary the Temporal server's binary; @param awayMs how long a killed worker stays away */
export async function openTestBed(binary: string, awayMs: () => number): Promise<TestBed> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-chaos-'));
  const home = join(folder, 'home');
  const faults = join(folder, 'faults');
  for (const made of [home, faults, join(home, 'runs')]) mkdirSync(made, { mode: 0o700 });
  const disk = mount(join(home, 'runs'));
  const postgres = await startPostgres();
  const ledger = new Ledger(postgres.url);
  await ledger.prepare();
  const wire = await openWire(() => portOf(home));
  const { TEMPORAL_ADDRESS: _, ...own } = process.env;
  const env = {
    ...own,
    SLUICE_HOME: home,
    SLUICE_FAULTS: faults,
    SLUICE_TEMPORAL_BIN: cutting(folder, binary),
    LEDGER_DB: postgres.url,
  };
  const sluiceBin = fileURLToPath(new URL(`${root()}bin/sluice`, import.meta.url));
  const workers = [
    new Kept('worker beside the engine', [sluiceBin, 'up'], env, join(folder, 'up.log'), awayMs),
    new Kept(
      'worker behind the wire',
      [sluiceBin, 'worker'],
      { ...env, TEMPORAL_ADDRESS: wire.address },
      join(folder, 'worker.log'),
      awayMs,
    ),
  ] as const;
  const sluice = await persist(() => connect({ home, env: {} }));
  const connection = await Connection.connect({ address: sluice.address });
  return {
    ...{ folder, home, faults, workers, wire, postgres, ledger, sluice, disk },
    temporal: new Temporal({ connection }),
    enginePid: () => embeddedEngine(home)?.pid ?? null,
    async close(keep) {
      await sluice.close();
      await connection.close();
      // The one behind the wire first: it needs the engine that the other takes along.
      await workers[1].stop();
      await workers[0].stop();
      await wire.close();
      await postgres.stop();
      // A worker that stops tells the supervisor to leave; it ends with the last command, a moment later.
      for (const until = Date.now() + LEAVE_MS; Date.now() < until && processesOf(folder).length > 0; )
        await pause(50);
      const left = processesOf(folder);
      for (const { pid } of left) send(pid, 'SIGKILL');
      if (keep && disk !== null) cpSync(disk.folder, join(folder, 'runs'), { recursive: true });
      if (disk !== null) execFileSync('umount', ['-l', disk.folder]);
      if (!keep) rmSync(folder, { recursive: true, force: true });
      return left.map(({ pid, what }) => `${pid} ${what}`);
    },
  };
}

/** Asked again until there is an answer: everything here is being killed. */
export async function persist<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(100);
    }
  }
}

/** How the test bed stands, for a report on a run that came to no end: who lives, who waits for what, what was said last. */
export function condition({ folder, home, workers, enginePid }: TestBed): string {
  const lock = join(home, 'engine', 'lock');
  return [
    `engine: process ${enginePid() ?? 'none'}`,
    `lock of the engine: ${existsSync(lock) ? readFileSync(lock, 'utf8') : 'free'}`,
    ...workers.map(({ name, pid, starts }) => `${name}: process ${pid ?? 'none'}, started ${starts} times`),
    ...processesOf(folder).map(({ pid, what, state }) => `${pid} ${state} ${what.slice(0, 200)}`),
    ...['up.log', 'worker.log'].map((log) => `${log} ends with:\n${end(join(folder, log))}`),
  ].join('\n');
}

function end(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-30).join('\n');
}

/** This file is run from its source by vitest, and from dist/ by `npm run chaos`. */
function root(): string {
  return existsSync(new URL('../../bin/sluice', import.meta.url)) ? '../../' : '../../../';
}

function portOf(home: string): number | null {
  const port = Number(embeddedEngine(home)?.address.split(':')[1]);
  return Number.isInteger(port) ? port : null;
}

/** A small disk of its own for the job folders, so that it can be filled. */
function mount(folder: string): TestBed['disk'] {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES},mode=0700`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
    return { folder, bytes: DISK_BYTES };
  } catch {
    return null; // Only the superuser may; the report says that the target was left out.
  }
}

/** The same server, told to suggest a new history early. */
function cutting(folder: string, binary: string): string {
  const wrapper = join(folder, 'temporal');
  const context = `--dynamic-config-value limit.historyCount.suggestContinueAsNew=${SUGGEST_AFTER}`;
  writeFileSync(
    wrapper,
    `#!/bin/sh\ncase "$1" in server) exec "${binary}" "$@" ${context} ;; *) exec "${binary}" "$@" ;; esac\n`,
  );
  chmodSync(wrapper, 0o755);
  return wrapper;
}

/** The sequence numbers in a run's record file, in its order. */
export function recorded(home: string, run: string): number[] {
  const file = join(home, 'runs', run, 'record.jsonl');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const event: unknown = JSON.parse(line);
      return typeof event === 'object' && event !== null && 'seq' in event ? Number(event.seq) : -1;
    });
}
