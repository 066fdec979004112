/** Two Postgres servers that sync to disk, and transfers between their tables without an engine. */
import pg from 'pg';
import { pino } from 'pino';
import type { EffectJob } from '../../activities/contract.js';
import { runRows } from '../../activities/effects/rows/rows.js';
import type { RowsAction } from '../../strategy/plan.js';
import { jobBindings } from '../../strategy/run/job-bindings.js';
import { type Postgres, startPostgres } from '../../test/support/postgres.js';

/** As a server has it, and not a test: what is committed is on the disk. */
const FLAGS = ['fsync=on', 'shared_buffers=256MB', 'max_wal_size=4GB', 'autovacuum=off'];

export interface Bed {
  readonly here: pg.Client;
  readonly there: pg.Client;
  readonly urls: { readonly here: string; readonly there: string };
  /** Carries the action out between `here` and `there`, and answers with rows per second. */
  transfer(action: Partial<RowsAction>, rows: number): Promise<number>;
  close(): Promise<void>;
}

export async function openBed(): Promise<Bed> {
  const servers: readonly [Postgres, Postgres] = [await start(), await start()];
  const [here, there] = [await connect(servers[0].url), await connect(servers[1].url)];
  let number = 0;
  const urls = { here: servers[0].url, there: servers[1].url };
  return {
    ...{ here, there, urls },
    transfer: async (action, rows) => {
      number += 1;
      return timed(rows, () => carryOut(jobOf(urls, number, action)));
    },
    close: async () => {
      await Promise.all([here.end(), there.end()]);
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

function start(): Promise<Postgres> {
  return startPostgres(FLAGS.flatMap((setting) => ['-c', setting]));
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

/** Rows per second. */
export async function timed(rows: number, work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return rows / ((performance.now() - begin) / 1_000);
}

const COPY: RowsAction = {
  kind: 'rows',
  item: 'DATA-1',
  connection: 'here',
  source: { schema: 'public', table: 'orders' },
  change: { do: 'copy', target: { schema: 'public', table: 'orders_new' } },
  ...{ set: [], omit: [], where: null, direction: 'apply', batchSize: null, ratePerSecond: null },
};

export function jobOf(
  { here, there }: Bed['urls'],
  number: number,
  action: Partial<RowsAction>,
): EffectJob<RowsAction> {
  const connections = { here: { postgres: here }, there: { postgres: there } };
  const planned = {
    ...{ connections, metrics: {}, roles: {}, environment: {}, channels: {}, forbidSelfApproval: false },
    watch: { intervalMs: 1_000, failureLimit: 3 },
  };
  const needs = { connections: Object.keys(connections), metrics: [], environment: false };
  const bindings = jobBindings(planned, needs);
  return {
    context: { run: `bench-${number}`, execution: '1', workspace: '/', bindings, pins: {} },
    key: { subject: 'STEP-1', purpose: 'apply', incarnation: 0, index: 0, attempt: 1 },
    action: { ...COPY, ...action },
    timeoutMs: 3_600_000,
  };
}

/** What a worker does, without the engine. Throws when it does not succeed. */
export async function carryOut(job: EffectJob<RowsAction>): Promise<void> {
  const dependencies = {
    ...{ home: '/', env: {}, logger: pino({ level: 'silent' }) },
    hostQueue: { host: 'here', taskQueue: 'here' },
  };
  const outcome = await inActivity(() => runRows(dependencies, job));
  if (outcome.outcome !== 'done') throw new Error(`The transfer ended ${JSON.stringify(outcome)}`);
}

export async function inActivity<T>(work: () => Promise<T>): Promise<T> {
  const { MockActivityEnvironment } = await import('@temporalio/testing');
  return new MockActivityEnvironment({ attempt: 1 }).run<[], T, () => Promise<T>>(work);
}
