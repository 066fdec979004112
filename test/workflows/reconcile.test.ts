/** A step whose rows differ on both sides: corrected within its limit, settled by the role that answers for the data, and taken back. */
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
  process.env.RECONCILED_URL = postgres.url;
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  world = await openWorld(inject('engine'));
});
afterAll(async () => {
  await world.close();
  await client.end();
  await postgres.stop();
});

const BINDINGS = {
  connections: { shop: { postgres: '${env:RECONCILED_URL}' } },
  roles: { 'Data Lead': { members: ['dora'] } },
};

const ITEM = {
  migration_id: 'DATA-1',
  type: 'data_transformation',
  source: { system: 'shop', tables: ['orders'] },
  target: { tables: ['orders_new'] },
  execution_plan: { execution_script: 'copy.sh' },
  rollback: { rollback_script: 'back.sh' },
  'x-reconcile': { correct: 'missing', max: 10, reviewer: 'Data Lead' },
};

const uses = (id: string, order: number, item: string) =>
  step(id, order, { commands: [], undo: null, more: { type: 'data_migration', 'x-uses': item } });

it('asks the reviewer about what it may not correct, goes on with the answer, and the undo restores the rows', async () => {
  await client.query(`create table orders (id int primary key, total numeric);
    insert into orders select n, n from generate_series(1, 100) n;
    create table orders_new (id int primary key, total numeric);
    insert into orders_new select id, case when id = 7 then 0 else total end from orders where id <> 50;
    insert into orders_new values (500, 5)`);
  const before = (await client.query('select id, total::int from orders_new order by id')).rows;
  const run = await world.start(
    strategy(
      [
        phase(
          'P1',
          1,
          [uses('COPY', 1, 'DATA-1')],
          gate('G1', { criteria: ['Reconciliation of DATA-1 passes'] }),
        ),
        phase('P2', 2, [step('BREAKS', 1, { commands: ['$ false'] })]),
      ],
      { data_migration: { migrations: [ITEM] } },
    ),
    { bindings: BINDINGS, files: { 'copy.sh': 'true', 'back.sh': 'true' }, onFailure: 'full' },
  );
  await run.answer('review:DATA-1', 'apply-source', 'dora', 'the old system is the master');
  await run.answer('review:DATA-1#2', 'keep-target', 'dora', 'a test order');
  const view = await run.end();
  expect(view).toMatchObject({ status: 'rolled_back', applied: [] });
  const events = await run.events();
  const compared = events.flatMap((event) => (event.type === 'reconciled' ? [event] : []));
  expect(compared.map(({ verdict, inserted, updated }) => [verdict, inserted, updated])).toEqual([
    ['fail', 1, 0],
    ['fail', 0, 1],
    ['pass', 0, 0],
  ]);
  const opened = events.flatMap((event) => (event.type === 'decision-opened' ? [event.decision] : []));
  expect(opened.find(({ id }) => id === 'review:DATA-1')).toMatchObject({
    needs: [{ role: 'Data Lead', votes: 1 }],
    reasonFor: ['apply-source', 'keep-target', 'custom'],
  });
  // The gate sees the row that was kept, and passes.
  expect(events).toContainEqual(
    expect.objectContaining({
      type: 'requirements-evaluated',
      subject: expect.objectContaining({ id: 'G1' }),
      results: [
        expect.objectContaining({
          verdict: 'pass',
          evidence: expect.stringContaining('1 settled by review'),
        }),
      ],
    }),
  );
  expect((await client.query('select id, total::int from orders_new order by id')).rows).toEqual(before);
});
