/** A data migration, carried out by a run: copied, compared by its own check and by a gate, and taken back. */
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let postgres: Postgres;
let world: World;
let client: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  process.env.DATA_URL = postgres.url;
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  world = await openWorld(inject('engine'));
});
afterAll(async () => {
  await world.close();
  await client.end();
  await postgres.stop();
});

const uses = (id: string, order: number, item: string) =>
  step(id, order, { commands: [], undo: null, more: { type: 'data_migration', 'x-uses': item } });

const MIGRATIONS = [
  {
    migration_id: 'DATA-1',
    type: 'data_transformation',
    source: { system: 'shop', tables: ['orders'] },
    target: { tables: ['orders_new'] },
    migration_approach: { method: 'offline' },
    transformation_logic: {
      transformation_rules: ['cents = (total * 100)::bigint', 'omit total', 'where id > 5'],
    },
    validation: { reconciliation: { method: 'rows', acceptance_threshold: '100 %' } },
  },
  {
    migration_id: 'DATA-2',
    type: 'data_transformation',
    source: { system: 'shop', tables: ['customers'] },
    migration_approach: { method: 'backfill' },
    transformation_logic: { transformation_rules: ['email = lower(email)'] },
  },
];

it('copied and changed rows pass their checks and the gate, and a later failure takes every row back', async () => {
  await client.query(`create table orders (id int primary key, total numeric);
    insert into orders select n, n * 1.5 from generate_series(1, 1000) n;
    create table orders_new (id int primary key, cents bigint not null);
    create table customers (id int primary key, email text); insert into customers values (1, 'A@x.org'), (2, null);
    create table seen (copied bigint, changed bigint)`);
  const criteria = { criteria: ['Reconciliation of DATA-1 passes'] };
  const look =
    'sql: insert into seen select (select count(*) from orders_new), (select count(*) from customers where email = lower(email))';
  const run = await world.start(
    strategy(
      [
        phase('P1', 1, [uses('COPY', 1, 'DATA-1'), uses('BACKFILL', 2, 'DATA-2')], gate('G1', criteria)),
        phase('P2', 2, [
          step('SEEN', 1, { commands: [look], undo: ['true'] }),
          step('BREAKS', 2, { commands: ['$ false'] }),
        ]),
      ],
      { data_migration: { migrations: MIGRATIONS } },
    ),
    { bindings: { connections: { shop: { postgres: '${env:DATA_URL}' } } }, onFailure: 'full' },
  );
  const view = await run.end();
  expect(view).toMatchObject({ status: 'rolled_back', applied: [] });
  const compared = {
    how: 'reconcile',
    verdict: 'pass',
    evidence: 'orders -> orders_new: 995 rows compared, 100 % equal',
  };
  expect((await client.query('select copied::int, changed::int from seen')).rows).toEqual([
    { copied: 995, changed: 1 },
  ]);
  expect((await client.query('select count(*)::int as left from orders_new')).rows).toEqual([{ left: 0 }]);
  expect((await client.query('select email from customers order by id')).rows).toEqual([
    { email: 'A@x.org' },
    { email: null },
  ]);
  const results = [expect.objectContaining(compared)];
  const checked = (await run.events()).filter(({ type }) => type === 'requirements-evaluated');
  for (const id of ['COPY', 'G1']) {
    const subject = expect.objectContaining({ id });
    expect(checked).toContainEqual(expect.objectContaining({ subject, results }));
  }
});

it('who has authority limits a copy while it runs, and the record says who; others, and for other steps, are refused', async () => {
  await client.query(`create table slow (id int primary key);
    insert into slow select generate_series(1, 500); create table slow_new (id int primary key)`);
  const migration = {
    migration_id: 'SLOW',
    type: 'data_transformation',
    source: { system: 'shop', tables: ['slow'] },
    target: { tables: ['slow_new'] },
    migration_approach: { method: 'offline' },
    execution_plan: { rate_limit: '1 row/s' },
  };
  const run = await world.start(
    strategy([phase('P1', 1, [uses('COPY', 1, 'SLOW')])], { data_migration: { migrations: [migration] } }),
    {
      bindings: {
        connections: { shop: { postgres: '${env:DATA_URL}' } },
        roles: { DBA: { members: ['dora'] } },
        authority: { pause: ['DBA'] },
      },
    },
  );
  await run.until('the copy reports its rows', ({ progress }) =>
    progress.some(({ unit, done }) => unit === 'rows' && done > 0),
  );
  const throttle = (step: string, by: string) =>
    world.sluice.command(run.id, {
      command: 'throttle',
      step,
      ratePerSecond: 100_000,
      by,
      reason: 'quiet hour',
    });
  await expect(throttle('COPY', 'mallory')).rejects.toMatchObject({ code: 'refused' });
  await expect(throttle('OTHER', 'dora')).rejects.toThrow(/copies or changes no rows now. These do: COPY/);
  await throttle('COPY', 'dora');
  expect((await world.sluice.view(run.id)).throttles).toMatchObject([
    { step: 'COPY', by: 'dora', ratePerSecond: 100_000 },
  ]);
  // At one row per second it would take eight minutes.
  expect(await run.end()).toMatchObject({ status: 'completed' });
  expect(await run.events()).toContainEqual(
    expect.objectContaining({ type: 'throttled', step: 'COPY', by: 'dora', reason: 'quiet hour' }),
  );
});

it('a backup is restored only when who is responsible approves the writes that this loses', async () => {
  await client.query(
    'create table prices (id int primary key, cents int); insert into prices select n, n from generate_series(1, 100) n',
  );
  const migration = {
    migration_id: 'PRICES',
    source: { system: 'shop', tables: ['prices'] },
    execution_plan: { execution_script: './double.sql' },
    rollback: { rollback_method: 'restore_backup' },
  };
  const change = step('PRICES-UP', 1, {
    commands: [],
    undo: null,
    more: { type: 'data_migration', 'x-uses': 'PRICES', responsible_party: 'DBA' },
  });
  const run = await world.start(
    strategy(
      [
        phase('P1', 1, [
          change,
          step('SOLD', 2, { commands: ['sql: update prices set cents = 1 where id = 7'], undo: ['true'] }),
          step('BREAKS', 3, { commands: ['$ false'] }),
        ]),
      ],
      { data_migration: { migrations: [migration] } },
    ),
    {
      bindings: { connections: { shop: { postgres: '${env:DATA_URL}' } } },
      files: { 'double.sql': 'update prices set cents = 2 * cents;' },
      onFailure: 'full',
    },
  );
  const asked = await run.asked('rollback-approval:PRICES');
  const decision = asked.decisions.find(({ subject }) => subject === 'PRICES');
  expect(decision?.question).toContain('1 row written after PRICES ended');
  expect(decision?.evidence).toContainEqual(
    expect.objectContaining({ text: 'prices ["7"]', evidence: 'changed' }),
  );
  await run.answer('rollback-approval:PRICES', 'reject', 'DBA', 'the sale of 7 must be booked first');
  expect((await client.query('select sum(cents)::int as sum from prices')).rows).toEqual([{ sum: 10_087 }]);
  await run.answer('undo-failure:PRICES-UP', 'retry', 'DBA');
  await run.answer('rollback-approval:PRICES#2', 'approve', 'DBA');
  expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
  expect((await client.query('select sum(cents)::int as sum from prices')).rows).toEqual([{ sum: 5050 }]);
});

const MARKED = {
  code_location: './mark.sh',
  transformation_rules: ['Mark every note as old'],
  edge_cases: [{ scenario: 'a note of one letter', test_dataset_id: 'OLD-1' }],
};
const MARKING = {
  bindings: {
    connections: { shop: { postgres: '${env:DATA_URL}' } },
    environment: { MARK: 'old: ' },
  },
  files: { 'mark.sh': 'sed "s/\\"text\\":\\"/&$MARK/"' },
  onFailure: 'full',
} as const;
const edge = (text: string) => JSON.stringify({ row: { id: 3, text: 'c' }, becomes: { text } });

it('a row of an edge case that its program makes something else of stops the step before the first row', async () => {
  await client.query(
    "create table drafts (id int primary key, text text); insert into drafts values (1, 'a')",
  );
  const migration = {
    migration_id: 'DRAFTS',
    source: { system: 'shop', tables: ['drafts'] },
    migration_approach: { method: 'backfill' },
    transformation_logic: MARKED,
  };
  const run = await world.start(
    strategy([phase('P1', 1, [uses('MARK', 1, 'DRAFTS')])], {
      data_migration: { migrations: [migration] },
      linkage: { test_datasets_dir: 'data' },
    }),
    { ...MARKING, files: { ...MARKING.files, 'data/OLD-1.jsonl': edge('OLD: c') } },
  );
  expect(await run.end()).toMatchObject({
    status: 'failed',
    reason: expect.stringContaining('line 1: text is "old: c" instead of "OLD: c"'),
  });
  expect((await client.query('select text from drafts')).rows).toEqual([{ text: 'a' }]);
});

it('rows pass through a program of the workspace, and a later failure brings them back', async () => {
  await client.query(
    "create table notes (id int primary key, text text); insert into notes values (1, 'a'), (2, 'b')",
  );
  await client.query('create table notes_seen (text text)');
  const migration = {
    migration_id: 'NOTES',
    source: { system: 'shop', tables: ['notes'] },
    migration_approach: { method: 'backfill' },
    transformation_logic: MARKED,
  };
  const seen = 'sql: insert into notes_seen select text from notes order by id';
  const run = await world.start(
    strategy(
      [
        phase('P1', 1, [
          uses('MARK', 1, 'NOTES'),
          step('SEEN', 2, { commands: [seen], undo: ['true'] }),
          step('BREAKS', 3, { commands: ['$ false'], undo: ['true'] }),
        ]),
      ],
      { data_migration: { migrations: [migration] }, linkage: { test_datasets_dir: 'data' } },
    ),
    { ...MARKING, files: { ...MARKING.files, 'data/OLD-1.jsonl': edge('old: c') } },
  );
  expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
  expect((await client.query('select text from notes_seen')).rows).toEqual([
    { text: 'old: a' },
    { text: 'old: b' },
  ]);
  expect((await client.query('select text from notes order by id')).rows).toEqual([
    { text: 'a' },
    { text: 'b' },
  ]);
});
