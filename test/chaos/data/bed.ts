/** Two servers behind wires that can be cut, and workers that make one attempt each at the rows between them. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { EffectJob, EffectKey, EffectOutcome } from '../../../activities/contract.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { MachineAction } from '../../../strategy/kinds/effects/index.js';
import { jobBindings } from '../../../strategy/run/job-bindings.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { openWire, type Wire } from '../wire.js';

export interface Server {
  readonly postgres: Postgres;
  readonly wire: Wire;
}

export type Side = 'here' | 'there';

export interface Worker {
  kill(): void;
  /** Null when it was killed. */
  readonly outcome: Promise<EffectOutcome | null>;
}

export interface Bed {
  readonly servers: Readonly<Record<Side, Server>>;
  ask(side: Side, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Both databases as new. */
  empty(): Promise<void>;
  job<A extends MachineAction>(run: string, action: A, key?: Partial<EffectKey>): EffectJob<A>;
  worker(job: EffectJob, number: number): Worker;
  /** The worker that comes by there next dies. */
  strikeAt(point: FaultPoint): void;
  /** True when one died at a point since the last call. Takes the points away. */
  clearPoints(): boolean;
  close(): Promise<void>;
}

/** A compiled file of this project runs in dist/: the worker's program is beside its source. */
const CHILD = join(process.cwd(), 'test/activities/effects/child.mjs');

export async function openBed(): Promise<Bed> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-chaos-data-'));
  const faults = join(folder, 'faults');
  mkdirSync(faults);
  const servers = { here: await openServer(), there: await openServer() };
  const connections = {
    here: { postgres: behind(servers.here) },
    there: { postgres: behind(servers.there) },
  };
  const planned = {
    ...{ connections, metrics: {}, roles: {}, environment: {}, channels: {}, forbidSelfApproval: false },
    watch: { intervalMs: 1_000, failureLimit: 3 },
  };
  const bindings = jobBindings(planned, { connections: ['here', 'there'], metrics: [], environment: false });
  const ask: Bed['ask'] = async (side, sql) => {
    const client = new pg.Client({ connectionString: servers[side].postgres.url });
    await client.connect();
    try {
      return (await client.query(sql)).rows ?? [];
    } finally {
      await client.end();
    }
  };
  return {
    servers,
    ask,
    empty: async () => {
      for (const side of SIDES) await dropSubscriptions(ask, side);
      for (const side of SIDES) await ask(side, EMPTY);
    },
    job: (run, action, key = {}) => ({
      context: { run, execution: '1', workspace: folder, bindings, pins: {} },
      key: { subject: 'STEP-1', purpose: 'apply', incarnation: 0, index: 0, attempt: 1, ...key },
      action,
      timeoutMs: 600_000,
    }),
    worker: (job, number) => startWorker(folder, faults, job, number),
    strikeAt: (point) => writeFileSync(join(faults, point), ''),
    clearPoints: () => {
      const struck = readdirSync(faults).some((name) => name.endsWith('.struck'));
      rmSync(faults, { recursive: true, force: true });
      mkdirSync(faults);
      return struck;
    },
    close: async () => {
      for (const { postgres, wire } of Object.values(servers)) {
        await wire.close();
        await postgres.stop();
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const SIDES = ['here', 'there'] as const;

const EMPTY = `drop schema if exists sluice cascade; drop schema public cascade; create schema public;
do $$ declare each text; begin
  for each in select pubname from pg_publication loop execute format('drop publication %I', each); end loop;
  perform pg_terminate_backend(active_pid) from pg_replication_slots where active_pid is not null;
end $$;
select pg_drop_replication_slot(slot_name) from pg_replication_slots where active_pid is null`;

/** What a round that went wrong has left. */
async function dropSubscriptions(ask: Bed['ask'], side: Side): Promise<void> {
  for (const { name } of await ask(side, 'select quote_ident(subname) as name from pg_subscription')) {
    for (const change of ['disable', 'set (slot_name = none)'])
      await ask(side, `alter subscription ${String(name)} ${change}`);
    await ask(side, `drop subscription ${String(name)}`);
  }
}

/** Servers that try again soon, so that a series does not wait for them. */
const FLAGS = [
  ...['wal_level=logical', 'max_worker_processes=20', 'wal_retrieve_retry_interval=200ms'],
  ...['wal_sender_timeout=10s', 'wal_receiver_timeout=10s', 'deadlock_timeout=200ms'],
].flatMap((flag) => ['-c', flag]);

async function openServer(): Promise<Server> {
  const postgres = await startPostgres(FLAGS);
  return { postgres, wire: await openWire(() => postgres.port) };
}

function behind({ postgres, wire }: Server): string {
  return postgres.url.replace(`127.0.0.1:${postgres.port}`, wire.address);
}

function startWorker(home: string, faults: string, job: EffectJob, number: number): Worker {
  const limits = { killGraceMs: 300, unreachableMs: 120_000, lockTimeoutMs: 500 };
  const child = spawn(process.execPath, [CHILD, JSON.stringify({ home, env: {}, limits, job, number })], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, SLUICE_FAULTS: faults },
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  const outcome = new Promise<EffectOutcome | null>((resolve, reject) => {
    child.on('close', (code) => {
      if (said !== '') resolve(JSON.parse(said));
      else if (code === null) resolve(null);
      else reject(new Error(`A worker ended with ${code}.`));
    });
  });
  return { kill: () => child.kill('SIGKILL'), outcome };
}
