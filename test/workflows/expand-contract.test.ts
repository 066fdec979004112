/** A table changes its shape while an old and a new version of its application write to it, and gets its old shape back. */
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let postgres: Postgres;
let world: World;
let database: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  database = new pg.Client({ connectionString: postgres.url });
  await database.connect();
  process.env.EXPAND_URL = postgres.url;
  world = await openWorld(inject('engine'));
});
afterAll(async () => {
  delete process.env.EXPAND_URL;
  await database.end();
  await world.close();
  await postgres.stop();
});

const rows = async (text: string) => (await database.query(text)).rows;
const shape = () =>
  rows(`select 'column' as what, attname || ' ' || attnotnull as name from pg_attribute
      where attrelid = 'customers'::regclass and attnum > 0 and not attisdropped
    union all select 'constraint', conname from pg_constraint where conrelid = 'customers'::regclass
    union all select 'index', indexrelid::regclass::text from pg_index where indrelid = 'customers'::regclass
    union all select 'trigger', tgname from pg_trigger where tgrelid = 'customers'::regclass
    union all select 'function', proname from pg_proc where pronamespace = 'sluice'::regnamespace order by 1, 2`);

/** Writes until it is stopped; answers with the number of writes, or throws what one of them threw. */
function writer(write: (client: pg.Client, turn: number) => Promise<unknown>): () => Promise<number> {
  let running = true;
  const writing = (async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    try {
      let turn = 0;
      for (; running; turn += 1) await write(client, turn);
      return turn;
    } finally {
      await client.end();
    }
  })();
  // Its failure is thrown where it is stopped.
  writing.catch(() => undefined);
  return () => {
    running = false;
    return writing;
  };
}

const RULES = [
  'add column first text',
  'add column last text',
  "first = split_part(name, ' ', 1)",
  "last = substr(name, length(split_part(name, ' ', 1)) + 2)",
  "name = first || ' ' || last",
  'set not null first',
  "add constraint first_given check (first <> '')",
  'add index customers_last (last)',
  'drop column name',
];

it('old and new clients write all the time, no request fails, and the way back loses no row', async () => {
  await database.query('create schema if not exists sluice');
  await database.query('create table customers (id serial primary key, name text not null, note text)');
  await database.query("insert into customers (name) select 'Ann Lee ' || n from generate_series(1, 2000) n");
  const before = await shape();
  const approval = { approval_required: true, approvers: ['Lead'], failure_response: 'rollback' };
  const expand = step('EXPAND', 1, { commands: [], undo: null, more: { 'x-uses': 'SPLIT' } });
  const contract = step('CONTRACT', 1, { commands: [], undo: null, more: { 'x-uses': 'SPLIT/contract' } });
  const file = {
    ...strategy([
      phase('P1', 1, [expand], gate('G1', approval)),
      phase('P2', 2, [contract], gate('G2', approval)),
    ]),
    data_migration: {
      migrations: [
        {
          migration_id: 'SPLIT',
          name: 'Split the name',
          type: 'schema_change',
          source: { system: 'shop', tables: ['customers'] },
          transformation_logic: { transformation_rules: RULES },
        },
      ],
    },
  };
  const oldClient = writer(async (client, turn) => {
    await client.query('insert into customers (name) values ($1)', [`Old ${turn}`]);
    await client.query('update customers set name = $1 where id = $2', [`Bo Old ${turn}`, turn + 1]);
  });
  const run = await world.start(file, {
    bindings: { connections: { shop: { postgres: '${env:EXPAND_URL}' } } },
    onFailure: 'full',
  });
  await run.asked('approval:G1');
  const newClient = writer(async (client, turn) => {
    await client.query('insert into customers (first, last) values ($1, $2)', ['New', String(turn)]);
    await client.query("update customers set first = 'Cy', last = $1 where id = $2", [
      `New ${turn}`,
      1000 + turn,
    ]);
  });
  await expect
    .poll(async () => Number((await rows("select count(*) from customers where first = 'New'"))[0]?.count))
    .toBeGreaterThan(5);
  // As a subscription writes.
  await database.query(
    "set session_replication_role = replica; insert into customers (name) values ('Re Plica'); reset session_replication_role",
  );
  expect(await rows("select first, last from customers where name = 'Re Plica'")).toEqual([
    { first: 'Re', last: 'Plica' },
  ]);
  expect(await oldClient()).toBeGreaterThan(5);
  expect(await rows("select * from customers where name is distinct from first || ' ' || last")).toEqual([]);
  await run.answer('approval:G1', 'approve', 'Lead');
  await run.asked('approval:G2');
  await expect
    .poll(async () =>
      Number((await rows('select count(*) from customers where sluice_old_name is null'))[0]?.count),
    )
    .toBeGreaterThan(5);
  expect(await newClient()).toBeGreaterThan(5);
  const written = await rows("select id, first || ' ' || last as name from customers order by id");
  await run.answer('approval:G2', 'reject', 'Lead', 'the report needs the name');
  expect(await run.end()).toMatchObject({ status: 'rolled_back' });
  expect(await shape()).toEqual(before);
  expect(await rows('select id, name from customers order by id')).toEqual(written);
});

it('the old column is dropped by a cleanup task, and the contract can no longer be undone in silence', async () => {
  await database.query(
    "create table carts (id int primary key, total text); insert into carts values (1, '12.50')",
  );
  const use = (id: string, order: number, item: string) =>
    step(id, order, { commands: [], undo: null, more: { 'x-uses': item } });
  const file = {
    ...strategy([phase('P1', 1, [use('EXPAND', 1, 'CENTS'), use('CONTRACT', 2, 'CENTS/contract')])]),
    data_migration: {
      migrations: [
        {
          migration_id: 'CENTS',
          name: 'Cents',
          type: 'schema_change',
          source: { system: 'shop', tables: ['carts'] },
          transformation_logic: {
            transformation_rules: [
              'add column cents bigint',
              'cents = (total::numeric * 100)::bigint',
              'total = (cents / 100.0)::text',
              'drop column total',
            ],
          },
          'x-keep-old': '1 day',
        },
      ],
    },
    post_migration: {
      cleanup_tasks: [{ task_id: 'CLEAN', name: 'Drop the totals', 'x-uses': 'CENTS/drop' }],
      // The run stays open, so that it can be rolled back.
      monitoring_period: { duration: '3000 days' },
    },
  };
  const run = await world.start(file, {
    compress: 86_400,
    bindings: { connections: { shop: { postgres: '${env:EXPAND_URL}' } } },
  });
  const view = await run.until('the old column is dropped', ({ afterwards }) =>
    ['completed', 'failed'].includes(afterwards?.followUps[0]?.status ?? ''),
  );
  expect(view.afterwards?.followUps[0]).toMatchObject({ id: 'CLEAN', status: 'completed' });
  expect(await rows('select * from carts')).toEqual([{ id: 1, cents: '1250' }]);
  await run.command({ command: 'rollback', to: 'start', by: 'tester' });
  await run.asked('confirm:reopening');
  await run.answer('confirm:reopening', 'confirm', 'anyone');
  await run.asked('undo-failure:CONTRACT');
  expect(await rows('select * from carts')).toEqual([{ id: 1, cents: '1250' }]);
  await run.answer('undo-failure:CONTRACT', 'stop', 'anyone');
  await run.end();
});

it('what was there before the run is not dropped, when the start finds it and the step is taken back', async () => {
  await database.query(
    "create table orders (id int primary key, code text); insert into orders values (1, 'mine')",
  );
  await database.query('create index by_code on orders (code)');
  const add = (id: string, rules: readonly string[]) => ({
    ...strategy([phase('P1', 1, [step(id, 1, { commands: [], undo: null, more: { 'x-uses': 'ADD' } })])]),
    data_migration: {
      migrations: [
        {
          migration_id: 'ADD',
          name: 'Add it',
          type: 'schema_change',
          source: { system: 'shop', tables: ['orders'] },
          transformation_logic: { transformation_rules: rules },
        },
      ],
    },
  });
  const bindings = { connections: { shop: { postgres: '${env:EXPAND_URL}' } } };
  for (const rules of [['add column code text'], ['add index by_code (code)']]) {
    const run = await world.start(add('S', rules), { bindings, onFailure: 'full' });
    expect(await run.end()).toMatchObject({ status: 'rolled_back' });
  }
  expect(await rows("select code, to_regclass('by_code')::text as index from orders")).toEqual([
    { code: 'mine', index: 'by_code' },
  ]);
});
