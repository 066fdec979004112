/** A whole run of `x-sync` while clients write: the target takes over with every write, and the way back loses none of those made since. */
import type pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openTwoDatabases, type TwoDatabases, writer } from '../support/two-databases.js';
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

const approved = (id: string) => gate(id, { approval_required: true, approvers: ['Lead'] });

const item = (table: string, more: object) => ({
  migration_id: 'DATA-1',
  name: 'Totals in cents, in a database of their own',
  type: 'data_transformation',
  source: { system: 'shop', tables: [table] },
  target: { system: 'other', tables: [table] },
  transformation_logic: {
    transformation_rules: ['cents = (total * 100)::bigint', 'omit total', 'source.total = cents / 100.0'],
  },
  'x-sync': { interval: '1 s' },
  ...more,
});

const file = (table: string, more: object = {}, first: object = {}) =>
  strategy(
    [
      phase('P1', 1, [uses('SYNC', 'DATA-1')], first),
      phase('P2', 2, [uses('CUT', 'DATA-1/cut-over')], approved('G2')),
      phase('P3', 3, [uses('END', 'DATA-1/finish')]),
    ],
    {
      data_migration: {
        migrations: [item(table, more)],
      },
    },
  );

const LEFT = `select tgname as name from pg_trigger where tgname like 'sync\\_%'
  union all select proname from pg_proc where proname like 'sync\\_%'
  union all select relname from pg_class where relname like 'sync\\_%\\_source' or relname like 'sync\\_%\\_target'`;

it.each([
  ['approve', 'completed'],
  ['reject', 'rolled_back'],
])(
  '%s after the cut-over: the run ends %s with every write, and nothing of sluice is left on the tables',
  async (vote, status) => {
    const table = `orders_${vote}`;
    await shop.query(`create table ${table} (id bigint primary key, total numeric(12, 2) not null);
    insert into ${table} select n, n from generate_series(1, 2000) n`);
    await other.query(`create table ${table} (id bigint primary key, cents bigint not null)`);
    const sourceRows = async () =>
      (await shop.query(`select id, (total * 100)::bigint as cents from ${table} order by id`)).rows;
    const targetRows = async () => (await other.query(`select id, cents from ${table} order by id`)).rows;
    const before = writer(databases.urls.shop, async (client, turn) => {
      await client.query(`insert into ${table} values ($1, $2)`, [10_000 + turn, turn]);
      await client.query(`update ${table} set total = total + 0.25 where id = $1`, [1 + (turn % 900)]);
      await client.query(`delete from ${table} where id = $1`, [2000 - turn]);
    });
    const run = await world.start(file(table), { bindings: databases.bindings, onFailure: 'full' });
    // The last rounds begin when nobody writes to the source any more.
    await run.asked('confirm:CUT');
    await before.more(5);
    await before.stop();
    const written = await sourceRows();
    await run.answer('confirm:CUT', 'confirm', 'tester', 'the shop is stopped');
    await run.asked('approval:G2');
    expect(await targetRows()).toEqual(written);
    const since = writer(databases.urls.other, async (client, turn) => {
      await client.query(`insert into ${table} values ($1, $2)`, [-1 - turn, turn]);
      await client.query(`update ${table} set cents = cents + 1 where id = $1`, [1 + (turn % 900)]);
      await client.query(`delete from ${table} where id = $1`, [10_000 + turn]);
    });
    await since.more(5);
    await since.stop();
    const all = await targetRows();
    await run.answer('approval:G2', vote, 'Lead', 'as planned');
    expect(await run.end()).toMatchObject({ status });
    if (vote === 'approve') {
      expect(await targetRows()).toEqual(all);
      expect(await sourceRows()).toEqual(written);
    } else {
      expect(await sourceRows()).toEqual(all);
      expect(await targetRows()).toEqual([]);
    }
    for (const client of [shop, other]) expect((await client.query(LEFT)).rows).toEqual([]);
  },
);

it('asks about rows that both sides changed, brings all others over meanwhile, and carries each answer out once, unless a row has changed since', async () => {
  const table = 'orders_both';
  await shop.query(`create table ${table} (id bigint primary key, total numeric(12, 2) not null);
    insert into ${table} select n, n from generate_series(1, 100) n`);
  await other.query(`create table ${table} (id bigint primary key, cents bigint not null)`);
  const cents = async (client: pg.Client, id: number) => {
    const value = client === shop ? '(total * 100)::int' : 'cents::int';
    return (
      (await client.query(`select ${value} as cents from ${table} where id = $1`, [id])).rows[0]?.cents ??
      null
    );
  };
  const both = async (id: number) => [await cents(shop, id), await cents(other, id)];
  const more = { 'x-sync': { interval: '1 s', reviewer: 'Data Lead' }, 'x-conflicts': 'manual' };
  const roles = { 'Data Lead': { members: ['dora'] } };
  const run = await world.start(file(table, more, approved('G1')), {
    bindings: { ...databases.bindings, roles },
  });
  await run.asked('approval:G1');
  await shop.query(`update ${table} set total = 11 where id in (1, 2, 3); delete from ${table} where id = 4`);
  await other.query(`update ${table} set cents = 22 where id in (1, 2, 3, 4)`);
  await run.answer('approval:G1', 'approve', 'Lead', 'as planned');
  const { decisions } = await run.asked('review:DATA-1');
  expect(decisions[0]).toMatchObject({
    question: expect.stringContaining('Both sides changed 4 rows'),
    needs: [{ role: 'Data Lead', votes: 1 }],
    options: ['apply-source', 'keep-target', 'custom'],
  });
  // Other rows do not wait for it, in neither direction.
  await shop.query(`update ${table} set total = 33 where id = 50`);
  await other.query(`update ${table} set cents = 44 where id = 51`);
  await expect.poll(() => both(50), { timeout: 20_000 }).toEqual([3300, 3300]);
  await expect.poll(() => both(51), { timeout: 20_000 }).toEqual([44, 44]);
  expect(await both(1)).toEqual([1100, 22]);
  await run.answer('review:DATA-1', 'apply-source', 'dora', 'the shop is right: {"id": 1}');
  await run.asked('review:DATA-1#2');
  expect(await both(1)).toEqual([1100, 1100]);
  await run.answer('review:DATA-1#2', 'custom', 'dora', 'both were paid: {"id": 2, "cents": 3300}');
  await run.asked('review:DATA-1#3');
  expect(await both(2)).toEqual([3300, 3300]);
  await other.query(`update ${table} set cents = 23 where id = 3`);
  await run.answer('review:DATA-1#3', 'keep-target', 'dora', 'as the customer says');
  const again = await run.asked('review:DATA-1#4');
  expect(again.decisions[0]?.evidence).toContainEqual(
    expect.objectContaining({ evidence: expect.stringContaining('was changed after it was shown') }),
  );
  expect(await both(3)).toEqual([1100, 23]);
  expect(await both(4)).toEqual([22, 22]);
  await run.answer('review:DATA-1#4', 'keep-target', 'dora', 'as the customer says now');
  // One more comes up with the last writes: the target does not take over before it is settled.
  await run.asked('confirm:CUT');
  expect(await both(3)).toEqual([23, 23]);
  await shop.query(`update ${table} set total = 5 where id = 5`);
  await other.query(`update ${table} set cents = 6 where id = 5`);
  await run.answer('confirm:CUT', 'confirm', 'tester', 'both are stopped');
  await run.answer('review:DATA-1#5', 'apply-source', 'dora', 'the shop was first');
  await run.answer('approval:G2', 'approve', 'Lead', 'as planned');
  expect(await run.end()).toMatchObject({ status: 'completed' });
  expect(await both(5)).toEqual([500, 500]);
  const log = await other.query(
    'select key[1] as key, state, chosen, by, reason from sluice.conflicts order by key[1]::int',
  );
  expect(log.rows.map(({ key, state, chosen, by }) => [key, state, chosen, by])).toEqual([
    ['1', 'closed', 'source', 'dora'],
    ['2', 'closed', 'target', 'dora'],
    ['3', 'closed', 'target', 'dora'],
    ['4', 'closed', 'target', 'dora'],
    ['5', 'closed', 'source', 'dora'],
  ]);
  expect(log.rows[0]?.reason).toContain('the shop is right');
});
