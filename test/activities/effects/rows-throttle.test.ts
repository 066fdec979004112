/** Batches are held back while the database that is written is busy, and a replica is really behind. */
import pg from 'pg';
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { EffectJob } from '../../../activities/contract.js';
import { runRows } from '../../../activities/effects/rows/rows.js';
import type { RowsAction, Throttle } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, KEY, makePlace, reportedBy, runIn } from '../support.js';

let postgres: Postgres;
let client: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres(['-c', 'wal_level=logical']);
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});
beforeEach(async () => {
  await ask(`drop schema if exists sluice cascade; drop schema public cascade; create schema public;
create table orders (id int primary key); create table orders_new (id int primary key); create table valve as select true as shut;
insert into orders select generate_series(1, 50)`);
});

async function ask(text: string): Promise<readonly Record<string, unknown>[]> {
  return (await client.query(text)).rows ?? [];
}

const written = async () => (await ask('select count(*)::int as n from orders_new'))[0]?.n;

/** A copy under this throttle, as one attempt. `url`: of another user. */
async function copy(throttle: Throttle, url = postgres.url) {
  const place = await makePlace({ connections: { shop: { postgres: url } } });
  const action: RowsAction = {
    kind: 'rows',
    item: 'DATA-1',
    connection: 'shop',
    source: { schema: 'public', table: 'orders' },
    change: { do: 'copy', target: { schema: 'public', table: 'orders_new' } },
    ...{ set: [], omit: [], where: null, direction: 'apply', batchSize: null, ratePerSecond: null, throttle },
  };
  const job: EffectJob<RowsAction> = { context: place.context, key: KEY, action, timeoutMs: 200_000 };
  const environment = attempt();
  const { sentences } = reportedBy(environment);
  return { sentences, outcome: runIn(environment, () => runRows(place.clients, job)) };
}

test('a copy waits while the query is true, says so, and ends when it no longer is', async () => {
  const { sentences, outcome } = await copy({ replicaLagBytes: null, busy: 'select shut from valve' });
  await expect.poll(() => sentences.at(-1)).toContain('; waits: the database is busy');
  expect(await written()).toBe(0);
  await ask('update valve set shut = false');
  expect(await outcome).toMatchObject({ outcome: 'done' });
  expect(await written()).toBe(50);
});

test.each([
  ['select 1', /must answer true or false/],
  ['select null::boolean', /must answer true or false/],
  ['select shut from valve, orders', /more than one row/],
  ['select shut from nowhere', /relation "nowhere" does not exist/],
  ['select true) as value; update valve set shut = false returning (shut', /read-only transaction/],
])('the query "%s" fails the step before the first row', async (busy, cause) => {
  const { outcome } = await copy({ replicaLagBytes: null, busy });
  expect(await outcome).toMatchObject({ outcome: 'failed', cause: expect.stringMatching(cause) });
  expect(await written()).toBe(0);
  expect(await ask('select shut from valve')).toEqual([{ shut: true }]);
});

test('a copy waits while a subscriber is behind by more than it may be', async () => {
  await ask('create publication all_tables for all tables');
  await ask("select pg_create_logical_replication_slot('replica', 'pgoutput')");
  const subscriber = new LogicalReplicationService(
    { connectionString: postgres.url },
    { acknowledge: { auto: false, timeoutSeconds: 0 } },
  );
  const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: ['all_tables'] });
  const subscribed = subscriber.subscribe(plugin, 'replica');
  const start = await lsn();
  const behind = async () =>
    (
      await ask('select pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::int as n from pg_stat_replication')
    )[0]?.n;
  // It has replayed nothing since the start.
  await expect
    .poll(async () => {
      await subscriber.acknowledge(start);
      return behind();
    })
    .toEqual(expect.any(Number));
  await ask("create table filler as select repeat('x', 1000) from generate_series(1, 500)");
  const { sentences, outcome } = await copy({ replicaLagBytes: 100_000, busy: null });
  await expect.poll(() => sentences.at(-1)).toMatch(/; waits: a replica has .+ of WAL yet to replay/);
  expect(await written()).toBe(0);
  await ask(`create role plain login password 'plain'; grant all on schema public to plain;
grant all on all tables in schema public to plain; grant create on database postgres to plain; grant all on schema sluice to plain;
grant all on all tables in schema sluice to plain`);
  const url = new URL(postgres.url);
  [url.username, url.password] = ['plain', 'plain'];
  const blind = await copy({ replicaLagBytes: 100_000, busy: null }, url.href);
  expect(await blind.outcome).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('pg_monitor'),
  });
  await subscriber.acknowledge(await lsn());
  expect(await outcome).toMatchObject({ outcome: 'done' });
  expect(await written()).toBe(50);
  await subscriber.stop();
  await subscribed;
});

async function lsn(): Promise<string> {
  return String((await ask('select pg_current_wal_lsn()::text as lsn'))[0]?.lsn);
}
