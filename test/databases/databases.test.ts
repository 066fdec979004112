/** What acts on the databases of a plan without a run: it finds what would stop a migration, compares, and limits the pace of one. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runRows } from '../../activities/effects/rows/rows.js';
import { throttleRows } from '../../activities/effects/rows/throttle.js';
import { checkDatabases } from '../../databases/check.js';
import { DatabaseTrouble } from '../../databases/place.js';
import { reconcileItem } from '../../databases/reconcile.js';
import type { Reconciliation, RowsAction } from '../../strategy/plan.js';
import { attempt, KEY, makePlace, runIn, until } from '../activities/support.js';
import { planOf, stepOf, strategyOf } from '../strategy/support/compile-text.js';
import { type Postgres, startPostgres } from '../support/postgres.js';

let postgres: Postgres;
let client: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

const signal = new AbortController().signal;

function place(item: string, env: Record<string, string> = {}) {
  const plan = planOf({
    bindings: 'connections: { shop: { postgres: "${env:SHOP}" } }',
    strategy: strategyOf(
      stepOf('STEP-1', 1, 'x-uses: DATA-1\nresponsible_party: DBA', 'data_migration'),
      `data_migration: { migrations: [{ migration_id: DATA-1, ${item} }] }`,
    ),
  });
  return { plan, workspace: tmpdir(), env: { SHOP: postgres.url, ...env } };
}

const COPY = 'source: { tables: [orders] }, target: { tables: [orders_new] }';

async function setUp(sql: string): Promise<void> {
  await client.query(
    `drop schema if exists sluice cascade; drop schema public cascade; create schema public; ${sql}`,
  );
}

test('check --connect finds all that would stop a migration at once, and changes nothing', async () => {
  await setUp(`create table orders (id int, name text, lost text); create unique index on orders (id);
    create table orders_new (id int primary key, name int); insert into orders_new values (1, 1)`);
  const messages = async (item: string, env?: Record<string, string>) =>
    (await checkDatabases(place(item, env), signal))
      .map(({ subject, message }) => `${subject}: ${message}`)
      .join('\n');
  expect(await messages(COPY)).toMatch(/DATA-1: .*has no key.*\n.*no column "lost".*\n.*is not empty/);
  await setUp(
    'create table orders (id int primary key, name text); create table orders_new (id int primary key, name int)',
  );
  expect(await messages(COPY)).toContain('"name" is of type integer but expression is of type text');
  expect(
    await messages(
      'source: { tables: [orders] }, transformation_logic: { transformation_rules: ["name = nobody"] }',
    ),
  ).toContain('column "nobody" does not exist');
  await client.query(
    "drop role if exists poor; create role poor login password 'poor'; revoke create on database postgres from public; grant usage on schema public to poor; grant select on orders to poor",
  );
  const poor = postgres.url.replace('postgres:postgres@', 'poor:poor@');
  expect(
    await messages(
      'source: { tables: [orders] }, transformation_logic: { transformation_rules: ["name = lower(name)"] }',
      { SHOP: poor },
    ),
  ).toContain('may create neither the schema sluice');
  const gone = postgres.url.replace(String(postgres.port), '1');
  expect(await messages(COPY, { SHOP: gone })).toMatch(/shop: .*cannot be reached/);
  await setUp(`create table orders (id int primary key, name text);
    create table notes (of int references orders on delete cascade)`);
  expect(
    await messages(`source: { tables: [orders] }, transformation_logic: { transformation_rules: ["name = lower(name)"] },
      rollback: { rollback_method: restore_backup }`),
  ).toBe(
    'DATA-1: A restore of orders could change rows of notes by the foreign key notes_of_fkey, and no backup has them. Add notes to the tables of the item, or make the key ON DELETE NO ACTION.',
  );
  await setUp('create table orders (id int primary key); create table orders_new (id int primary key)');
  expect(await checkDatabases(place(COPY), signal)).toEqual([]);
  expect((await client.query("select to_regnamespace('sluice') as made")).rows).toEqual([{ made: null }]);
});

test('check --connect says where the column of "changed by" is missing, no time, or without an index', async () => {
  const compared = `${COPY}, x-reconcile: { method: changed by at, schedule: hourly }`;
  const { plan: _, ...rest } = place(compared);
  const steps = ['STEP-1', 'STEP-2'].map((id, index) =>
    stepOf(id, index + 1, `${index === 0 ? 'x-uses: DATA-1\n' : ''}responsible_party: DBA`, 'data_migration'),
  );
  const watched = planOf({
    bindings: 'connections: { shop: { postgres: "${env:SHOP}" } }',
    strategy: strategyOf(
      steps.join('\n'),
      `data_migration: { migrations: [{ migration_id: DATA-1, ${compared} }] }`,
    ),
  });
  const messages = async () =>
    (await checkDatabases({ ...rest, plan: watched }, signal)).map(
      ({ severity, message }) => `${severity}: ${message}`,
    );
  await setUp(
    'create table orders (id int primary key, at int); create table orders_new (id int primary key)',
  );
  expect((await messages()).join('\n')).toMatch(
    /error: .*changed by "at", and it is no time in orders of shop.*\n.*orders_new of shop has no such column/,
  );
  await setUp(`create table orders (id int primary key, at timestamptz); create table orders_new (like orders including all);
    create index on orders (at)`);
  expect(await messages()).toEqual([
    expect.stringMatching(/^warning: The column "at" of orders_new of shop has no index/),
  ]);
});

const TABLE = {
  source: { schema: 'public', table: 'orders' },
  target: { schema: 'public', table: 'orders_new' },
  set: [],
  omit: [],
  where: null,
  filter: null,
  exclude: [],
  groupBy: [],
};
const RECONCILIATION: Reconciliation = {
  item: 'DATA-1',
  source: 'shop',
  target: 'shop',
  tables: [TABLE],
  method: { kind: 'rows' },
  threshold: 1,
  rules: [],
};

test('reconcile without a run names the rows that differ in a file, and says why it could not compare', async () => {
  await setUp(
    'create table orders (id int primary key); create table orders_new (id int primary key); insert into orders values (1), (2); insert into orders_new values (1)',
  );
  const folder = await mkdtemp(join(tmpdir(), 'sluice-reconcile-'));
  const file = join(folder, 'keys.jsonl');
  const options = { seed: 1, file, signal, correct: null, progress: () => undefined };
  try {
    expect(await reconcileItem(place(COPY), RECONCILIATION, options)).toMatchObject({
      verdict: 'fail',
      file,
    });
    expect(await readFile(file, 'utf8')).toBe('{"kind":"missing","table":"orders_new","key":["2"]}\n');
    // Of a few rows nothing is said; of more, how their values are distributed: without a value of any row.
    await setUp(`create table orders (id int primary key, total int); create table orders_new (id int primary key, total int);
      insert into orders select n, n from generate_series(1, 100) n; insert into orders_new select id, total * 100 from orders`);
    expect(await reconcileItem(place(COPY), RECONCILIATION, options)).toMatchObject({
      verdict: 'fail',
      anomalies: expect.arrayContaining([expect.stringMatching(/^orders_new\.total: median 50\.5 -> 5050/)]),
    });
    await client.query('update orders_new set total = id');
    expect(await reconcileItem(place(COPY), RECONCILIATION, options)).toMatchObject({ anomalies: [] });
    await client.query('drop table orders_new');
    const failing = reconcileItem(place(COPY), RECONCILIATION, options);
    await expect(failing).rejects.toThrow(DatabaseTrouble);
    await expect(failing).rejects.toThrow('orders_new does not exist');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('corrections insert and overwrite what still is as it was compared, save it first, and leave extra rows alone', async () => {
  const columns = '(id int primary key, name text, at timestamptz, n float8)';
  await setUp(`create table orders ${columns}; create table orders_new ${columns};
    insert into orders select n, E'a\\'\\\\' || n, '2024-01-01 00:00:00.123456+02', n / 3.0 from generate_series(1, 6) n; insert into orders_new select * from orders where id > 2;
    update orders_new set name = 'old' where id in (3, 5); update orders_new set n = null where id = 5; insert into orders_new values (9, 'extra', null, null);
    create function newer() returns trigger language plpgsql as $$ begin update orders_new set name = 'newer' where id = 3 and new.id = 1; return new; end $$;
    create trigger t before insert on orders_new for each row execute function newer()`);
  const file = join(tmpdir(), `sluice-${process.pid}.jsonl`);
  const ask = (what: 'dry-run' | 'missing' | 'fields', max = 10) =>
    reconcileItem(place(COPY), RECONCILIATION, {
      ...{ seed: 1, file, signal, progress: () => undefined },
      correct: { what, max, by: 'ann' },
    });
  const rows = async (table: string, where: string) =>
    (await client.query(`select t::text as row from ${table} t where ${where} order by id`)).rows;
  const before = await rows('orders_new', 'true');
  const lines = async (...args: Parameters<typeof ask>) => (await ask(...args))?.corrections?.lines.join(' ');
  try {
    expect(await lines('dry-run')).toContain(
      'would insert 2 rows; "fields" would also overwrite values in 2 rows',
    );
    expect(await lines('fields', 3)).toContain('4 rows would be corrected, and the limit is 3');
    expect(await rows('orders_new', 'true')).toEqual(before);
    expect(await ask('fields')).toMatchObject({
      verdict: 'fail',
      tables: [{ missing: 0, extra: 1, different: 1 }],
      corrections: { inserted: 2, updated: 1, changed: 1, refused: [] },
    });
    expect(await rows('orders_new', 'id not in (3, 9)')).toEqual(await rows('orders', 'id <> 3'));
    expect(await rows('orders_new', 'id = 3')).toMatchObject([{ row: expect.stringContaining('newer') }]);
    const { rows: saved } = await client.query(
      "select kind, key, before ->> 'name' as name, by from sluice.correction order by key",
    );
    expect(saved).toEqual([
      { kind: 'missing', key: ['1'], name: null, by: 'ann' },
      { kind: 'missing', key: ['2'], name: null, by: 'ann' },
      { kind: 'different', key: ['5'], name: 'old', by: 'ann' },
    ]);
  } finally {
    await rm(file, { force: true });
  }
});

test('throttle changes the pace of a copy that is under way, and says when there is none', async () => {
  await setUp(
    'create table orders (id int primary key); insert into orders select generate_series(1, 500); create table orders_new (id int primary key)',
  );
  const here = place(COPY);
  const action = here.plan.phases[0]?.steps[0]?.actions.find((own): own is RowsAction => own.kind === 'rows');
  if (action === undefined) throw new Error('The plan copies no rows.');
  const { clients, context } = await makePlace({ connections: { shop: { postgres: postgres.url } } });
  const limit = { context, connection: 'shop', step: KEY.subject, ratePerSecond: 100_000 };
  expect(await runIn(attempt(), () => throttleRows(clients, limit))).toEqual({ tables: [] });
  const slow = {
    context,
    key: KEY,
    action: { ...action, batchSize: 2, ratePerSecond: 2 },
    timeoutMs: 600_000,
  };
  const copying = runIn(attempt(), () => runRows(clients, slow));
  await until(
    'the copy has begun',
    async () => (await client.query('select from orders_new limit 1')).rowCount === 1,
  );
  expect(await runIn(attempt(), () => throttleRows(clients, limit))).toEqual({ tables: ['public.orders'] });
  // At two rows per second it would take four minutes.
  expect(await copying).toMatchObject({ outcome: 'done' });
});
