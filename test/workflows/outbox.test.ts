/** Writes to both sides between two databases, carried by an outbox through a whole run: every way out is clean, and no write is lost. */
import type pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { connected, openTwoDatabases, type TwoDatabases, writer } from '../support/two-databases.js';
import { openWorld, type World } from '../support/world.js';

let databases: TwoDatabases;
let world: World;
let shop: pg.Client;
let other: pg.Client;
beforeAll(async () => {
  databases = await openTwoDatabases();
  ({ shop, other } = databases);
  world = await openWorld(inject('engine'));
});
afterAll(async () => {
  await world.close();
  await databases.close();
});

const uses = (id: string, item: string) =>
  step(id, 1, { commands: [], undo: null, more: { type: 'data_migration', 'x-uses': item } });

const approved = (id: string) =>
  gate(id, { approval_required: true, approvers: ['Lead'], failure_response: 'manual_decision' });

type Method = 'dual_write' | 'shadow_write';

const file = (table: string, method: Method) =>
  strategy(
    [
      phase('P1', 1, [uses('SYNC', 'DATA-1')], approved('G1')),
      phase('P2', 2, [uses('END', 'DATA-1/finish')]),
    ],
    {
      data_migration: {
        migrations: [
          {
            migration_id: 'DATA-1',
            name: 'Totals in cents, in a database of their own',
            type: 'data_transformation',
            source: { system: 'shop', tables: [table] },
            target: { system: 'other', tables: [table] },
            migration_approach: { method, dual_write_period: '2 seconds' },
            transformation_logic: {
              transformation_rules: [
                'cents = (total * 100)::bigint',
                'omit total',
                ...(method === 'dual_write' ? ['source.total = cents / 100.0'] : []),
              ],
            },
          },
        ],
      },
    },
  );

const LEFT = `select 'trigger ' || tgname as name from pg_trigger where tgname like 'sync\\_%'
  union all select 'function ' || proname from pg_proc where proname like 'sync\\_%'
  union all select 'table ' || relname from pg_class where relkind = 'r' and relname ~ '^sync_.*_(source|target)$'
  union all select 'slot ' || slot_name from pg_replication_slots`;

async function nothingLeft(): Promise<void> {
  for (const client of [shop, other]) expect((await client.query(LEFT)).rows).toEqual([]);
}

async function makeTables(table: string): Promise<void> {
  await shop.query(`create table ${table} (id bigint primary key, total numeric(12, 2) not null);
    insert into ${table} select n, n from generate_series(1, 1000) n`);
  await other.query(
    `create table ${table} (id bigint primary key, cents bigint not null check (cents < 100000000))`,
  );
}

const sourceRows = async (table: string) =>
  (await shop.query(`select id, (total * 100)::bigint as cents from ${table} order by id`)).rows;
const targetRows = async (table: string) =>
  (await other.query(`select id, cents from ${table} order by id`)).rows;

/** A client of the source. */
const buyer = (table: string) =>
  writer(databases.urls.shop, async (client, turn) => {
    await client.query(`insert into ${table} values ($1, $2)`, [10_000 + turn, turn]);
    await client.query(`update ${table} set total = total + 1 where id = $1`, [1 + (turn % 400)]);
    await client.query(`delete from ${table} where id = $1`, [401 + (turn % 100)]);
  });

/** A client of the target, of other rows. */
const clerk = (table: string) =>
  writer(databases.urls.other, async (client, turn) => {
    await client.query(`insert into ${table} values ($1, $2)`, [-1 - turn, turn]);
    await client.query(`update ${table} set cents = cents + 1 where id = $1`, [501 + (turn % 400)]);
    await client.query(`delete from ${table} where id = $1`, [901 + (turn % 100)]);
  });

it.each([
  ['dual_write', 'approve', 'completed'],
  ['dual_write', 'reject', 'rolled_back'],
  ['shadow_write', 'approve', 'completed'],
  ['shadow_write', 'reject', 'rolled_back'],
] as const)(
  '%s, %s at the gate: the run ends %s, writes made while the gate waited are not lost, and neither database has anything of the outbox',
  async (method, vote, status) => {
    const table = `orders_${method}_${vote}`;
    await makeTables(table);
    const old = buyer(table);
    const run = await world.start(file(table, method), { bindings: databases.bindings, onFailure: 'full' });
    await run.asked('approval:G1');
    // No step carries what is written now.
    const clients = method === 'dual_write' ? [old, clerk(table)] : [old];
    for (const { more } of clients) await more(10);
    for (const { stop } of clients) await stop();
    const [source, target] = [await sourceRows(table), await targetRows(table)];
    expect(target).not.toEqual(source);
    await run.answer('approval:G1', vote, 'Lead', 'as planned');
    expect(await run.end()).toMatchObject({ status });
    await nothingLeft();
    const rows = await sourceRows(table);
    expect(await targetRows(table)).toEqual(vote === 'approve' ? rows : []);
    if (method === 'shadow_write') return expect(rows).toEqual(source);
    // Each client has its own rows: what either has written is there.
    const own = (id: number) => id < 0 || (id > 500 && id <= 1000);
    const of = (all: typeof rows, clerks: boolean) => all.filter(({ id }) => own(Number(id)) === clerks);
    expect(of(rows, true)).toEqual(of(target, true));
    expect(of(rows, false)).toEqual(of(source, false));
    expect(of(rows, true).filter(({ id }) => Number(id) < 0).length).toBeGreaterThan(5);
  },
);

it('a row that a shadow refuses stops no client and no other row, and the step does not end before it is corrected', async () => {
  const table = 'orders_refused';
  await makeTables(table);
  const run = await world.start(file(table, 'shadow_write'), { bindings: databases.bindings });
  const copied = async () => (await targetRows(table).catch(() => [])).length;
  await expect.poll(copied, { timeout: 20_000 }).toBe(1000);
  await shop.query(
    `update ${table} set total = 1000000 where id = 7; update ${table} set total = 8.5 where id = 8`,
  );
  const { decisions } = await run.asked('failure:SYNC');
  expect(decisions[0]?.question).toContain('refuses 1 rows');
  expect(await targetRows(table)).toContainEqual({ id: '8', cents: '850' });
  await shop.query(`update ${table} set total = 7.5 where id = 7`);
  await run.answer('failure:SYNC', 'retry', 'anyone', 'corrected');
  await run.answer('approval:G1', 'approve', 'Lead', 'as planned');
  expect(await run.end()).toMatchObject({ status: 'completed' });
  expect(await targetRows(table)).toEqual(await sourceRows(table));
  await nothingLeft();
});

it('the end of an outbox asks about a row that both sides changed while nobody carried it', async () => {
  const table = 'orders_asked';
  await makeTables(table);
  const run = await world.start(file(table, 'dual_write'), { bindings: databases.bindings });
  await run.asked('approval:G1');
  await shop.query(`update ${table} set total = 11 where id = 5`);
  await other.query(`update ${table} set cents = 2200 where id = 5`);
  await run.answer('approval:G1', 'approve', 'Lead', 'as planned');
  const { decisions } = await run.asked('review:DATA-1');
  expect(decisions[0]?.question).toContain('Both sides changed 1 row');
  await run.answer('review:DATA-1', 'keep-target', 'anyone', 'the clerk is right');
  expect(await run.end()).toMatchObject({ status: 'completed' });
  expect(await sourceRows(table)).toContainEqual({ id: '5', cents: '2200' });
  expect(await targetRows(table)).toEqual(await sourceRows(table));
  await nothingLeft();
});

it('carries what clients write to either of two databases to the other one for the period, and leaves no outbox behind', async () => {
  const table = 'orders_period';
  await shop.query(`create table ${table} (id bigint primary key, total numeric(12, 2) not null);
    insert into ${table} select n, n from generate_series(1, 1000) n`);
  await other.query(`create table ${table} (id bigint primary key, cents bigint not null)`);
  const old = writer(databases.urls.shop, async (client, turn) => {
    await client.query(`insert into ${table} values ($1, $2)`, [10_000 + turn, turn]);
    await client.query(`update ${table} set total = total + 1 where id = $1`, [1 + (turn % 400)]);
  });
  const run = await world.start(file(table, 'dual_write'), { bindings: databases.bindings });
  const counted = async (query: string) =>
    Number((await other.query(query).catch(() => ({ rows: [{ n: 0 }] }))).rows[0]?.n);
  const pair = `from sluice.sync where source like '%${table}%'`;
  await expect.poll(() => counted(`select count(*)::int as n ${pair}`), { timeout: 20_000 }).toBe(1);
  // Whoever holds the row of the pair holds up the rounds: they end after all of these writes.
  const hold = await connected(databases.urls.other);
  await hold.query(`begin; select ${pair} for update`);
  await expect
    .poll(() => counted(`select count(*)::int as n from ${table} where id <= 1000`), { timeout: 20_000 })
    .toBe(1000);
  const young = writer(databases.urls.other, async (client, turn) => {
    await client.query(`insert into ${table} values ($1, $2)`, [-1 - turn, turn]);
    await client.query(`update ${table} set cents = cents + 1 where id = $1`, [501 + (turn % 400)]);
  });
  for (const { more, stop } of [old, young]) {
    await more(10);
    await stop();
  }
  await hold.query('commit');
  await hold.end();
  await run.asked('approval:G1');
  const source = await shop.query(`select id, (total * 100)::bigint as cents from ${table} order by id`);
  const target = await other.query(`select id, cents from ${table} order by id`);
  expect(target.rows).toEqual(source.rows);
  expect(source.rows.filter(({ id }) => Number(id) < 0).length).toBeGreaterThan(5);
  await run.answer('approval:G1', 'approve', 'Lead', 'as planned');
  expect(await run.end()).toMatchObject({ status: 'completed' });
  await nothingLeft();
});
