/**
 * Nothing lost, nothing twice: runs of commands, SQL, gates and rollbacks, while the process that hosts the worker and the
 * engine itself are killed with -9 again and again at random instants. SLUICE_KILLS says how many kills (default 20) and
 * SLUICE_SEED repeats a series.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Connection, Client as Temporal } from '@temporalio/client';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { connect } from '../../client/connect.js';
import { readStrategy } from '../../client/read.js';
import type { Sluice } from '../../client/sluice.js';
import { formatProblem } from '../../strategy/problem.js';
import { ENDED, type MigrationView } from '../../strategy/run/view.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { endSupervisor } from '../support/supervisors.js';

const KILLS = Number(process.env.SLUICE_KILLS ?? 20);
const SEED = Number(process.env.SLUICE_SEED ?? randomInt(2 ** 31));
const SLUICE = fileURLToPath(new URL('../../bin/sluice', import.meta.url));
/** How many runs are under way at any time: enough that every kill meets commands, SQL, gates and undos. */
const RUNS = 6;
const MINUTES = 60_000;

let home: string;
let postgres: Postgres;
let host: ChildProcess;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sluice-kill-'));
  postgres = await startPostgres();
  await query('create table ledger (id serial primary key, run text, effect text)');
  host = startHost();
});

afterAll(async () => {
  await stopHost();
  await postgres.stop();
  await endSupervisor(home);
  rmSync(home, { recursive: true, force: true });
});

/** `sluice up` as a user starts it: engine and worker in one process, and the engine survives it. */
function startHost(): ChildProcess {
  return spawn(process.execPath, [SLUICE, 'up'], {
    env: { ...process.env, SLUICE_HOME: home, LEDGER_DB: postgres.url },
    stdio: 'ignore',
  });
}

async function stopHost(): Promise<void> {
  if (host.exitCode !== null) return;
  const gone = new Promise((done) => host.once('exit', done));
  host.kill('SIGTERM');
  await gone;
}

async function query(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    return await client.query(text, [...values]);
  } finally {
    await client.end();
  }
}

const shell = (what: string) => `sleep 0.2; echo "${what}" >> "$LEDGER"; sleep 0.2`;
const sql = (run: string, what: string) =>
  `insert into ledger (run, effect) select '${run}', '${what}' from pg_sleep(0.2)`;

function byCommand(id: string, order: number): object {
  return step(id, order, { commands: [shell(`do ${id}`)], undo: [shell(`undo ${id}`)] });
}

function bySql(run: string, id: string, order: number): object {
  return step(id, order, {
    commands: [`sql: ${sql(run, `do ${id}`)}`],
    undo: null,
    more: {
      rollback_procedure: { can_rollback: true, rollback_steps: [`sql: ${sql(run, `undo ${id}`)}`] },
    },
  });
}

/** Commands and SQL in two phases with a gate each; every other run fails at the end and is taken back whole. */
function strategyOf(run: string, fails: boolean): object {
  const approved = gate('G1', { approval_required: true, approvers: ['Lead'] });
  const last = step('X', 9, { commands: [fails ? 'exit 1' : 'true'], undo: ['true'] });
  return strategy([
    phase('P1', 1, [byCommand('A', 1), bySql(run, 'B', 2), byCommand('C', 3)], approved),
    phase('P2', 2, [bySql(run, 'D', 1), byCommand('E', 2), last], gate('G2')),
  ]);
}

interface Started {
  readonly run: string;
  readonly fails: boolean;
  readonly ledger: string;
}

async function submit(sluice: Sluice, run: string, fails: boolean): Promise<Started> {
  const workspace = mkdtempSync(join(home, `${run}-`));
  const ledger = join(workspace, 'ledger');
  writeFileSync(ledger, '');
  writeFileSync(join(workspace, 'migration-strategy.yaml'), JSON.stringify(strategyOf(run, fails)));
  const bindings = {
    environment: { LEDGER: ledger },
    connections: { ledger: { postgres: '${env:LEDGER_DB}' } },
  };
  writeFileSync(join(workspace, 'migration-bindings.yaml'), JSON.stringify(bindings));
  const checked = await readStrategy(join(workspace, 'migration-strategy.yaml'));
  if (checked.plan === null) throw new Error(checked.problems.map(formatProblem).join('\n'));
  const options = { workspace, by: 'killer', id: run, onFailure: 'full' } as const;
  await persist(() => sluice.submit(checked.plan ?? fail(), options));
  return { run, fails, ledger };
}

function fail(): never {
  throw new Error('no plan');
}

/** How many requests were answered: a host that is killed before it answers once would never get anything done. */
let answered = 0;

/** Repeats a request until the engine and a worker are back. Every request here may be repeated. */
async function persist<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 5 * MINUTES;
  for (;;) {
    try {
      const answer = await ask();
      answered += 1;
      return answer;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(100);
    }
  }
}

/** Approves by signal until the run has ended: a signal is kept when no worker is up, and a second one is refused. */
async function see(sluice: Sluice, temporal: Temporal, { run }: Started): Promise<MigrationView> {
  for (;;) {
    const view = await persist(() => sluice.view(run));
    if (ENDED.includes(view.status)) return view;
    const open = view.decisions[0];
    if (open !== undefined && open.kind !== 'approval')
      throw new Error(`Nobody should be asked: ${view.reason}`);
    if (open !== undefined) {
      await persist(() => temporal.workflow.getHandle(run).signal('approve', { gate: 'G1', by: 'Lead' }));
    }
    await pause(200);
  }
}

async function killTheHost(): Promise<void> {
  const gone = new Promise((done) => host.once('exit', done));
  host.kill('SIGKILL');
  await gone;
  host = startHost();
}

/** The host of the worker notices and starts it again. */
function killTheEngine(): void {
  const { pid }: { pid: number } = JSON.parse(readFileSync(join(home, 'engine.json'), 'utf8'));
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already dead of an earlier kill and not yet started again: that, too, is an instant to be met.
  }
}

async function effectsOf({ run, ledger }: Started): Promise<{ commands: string[]; statements: string[] }> {
  const rows = await query('select effect from ledger where run = $1 order by id', [run]);
  return {
    commands: readFileSync(ledger, 'utf8')
      .split('\n')
      .filter((line) => line !== ''),
    statements: rows.rows.map((row: { effect: string }) => row.effect),
  };
}

it(
  `every effect happens exactly once, whatever is killed (seed ${SEED})`,
  async () => {
    const random = fc.sample(fc.double({ min: 0, max: 1, noNaN: true }), { seed: SEED, numRuns: KILLS * 2 });
    const sluice = await persist(() => connect({ home, env: {} }));
    const connection = await persist(() => Connection.connect({ address: sluice.address }));
    const temporal = new Temporal({ connection });
    let kills = 0;
    let count = 0;
    const ended: { started: Started; view: MigrationView }[] = [];
    const carryOn = async () => {
      while (kills < KILLS) {
        count += 1;
        const started = await submit(sluice, `run-${count}`, count % 2 === 0);
        ended.push({ started, view: await see(sluice, temporal, started) });
      }
    };
    const killing = async () => {
      for (; kills < KILLS; kills += 1) {
        const before = answered;
        await vi.waitUntil(() => answered > before, { timeout: 5 * MINUTES, interval: 20 });
        await pause(2000 * (random[kills] ?? 0));
        if ((random[KILLS + kills] ?? 0) < 0.7) await killTheHost();
        else killTheEngine();
      }
    };
    await Promise.all([killing(), ...Array.from({ length: RUNS }, carryOn)]);

    for (const { started, view } of ended) {
      const { commands, statements } = await effectsOf(started);
      if (started.fails) {
        expect([started.run, view.status, view.applied]).toEqual([started.run, 'rolled_back', []]);
        expect([started.run, ...commands]).toEqual([
          started.run,
          'do A',
          'do C',
          'do E',
          'undo E',
          'undo C',
          'undo A',
        ]);
        expect([started.run, ...statements]).toEqual([started.run, 'do B', 'do D', 'undo D', 'undo B']);
      } else {
        expect([started.run, view.status]).toEqual([started.run, 'completed']);
        expect([started.run, ...commands]).toEqual([started.run, 'do A', 'do C', 'do E']);
        expect([started.run, ...statements]).toEqual([started.run, 'do B', 'do D']);
      }
    }
    console.log(`${kills} kills, ${ended.length} runs, seed ${SEED}: every effect exactly once`);
    await sluice.close();
    await connection.close();
  },
  15 * MINUTES,
);
