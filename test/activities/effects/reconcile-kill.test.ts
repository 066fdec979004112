/** Corrections of rows and their way back happen once each although the worker is killed at any instant, and never over a write of somebody else. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EffectJob } from '../../../activities/contract.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { ComparedTable, ReconcileAction } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { KEY, makePlace } from '../support.js';
import { attemptIn, untilDone } from './attempts.js';

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

const ORDERS: ComparedTable = {
  source: { schema: 'public', table: 'orders' },
  target: { schema: 'public', table: 'orders_new' },
  ...{ set: [], omit: [], where: null, filter: null, exclude: [], groupBy: [] },
};

const ACTION: ReconcileAction = {
  kind: 'reconcile',
  reconciliation: {
    ...{ item: 'DATA-1', source: 'shop', target: 'shop', threshold: 1, rules: [] },
    ...{ tables: [ORDERS], method: { kind: 'rows' } },
  },
  ...{ correct: 'fields', max: 1_000, reviewer: null },
  task: { do: 'correct' },
};

/** Two rows are missing in the target and two others differ; 1 is written by a client as well. */
async function shop() {
  const columns = '(id int primary key, total numeric, at timestamptz)';
  await client.query(`drop schema if exists sluice cascade; drop table if exists orders, orders_new;
    create table orders ${columns}; create table orders_new ${columns};
    insert into orders select n, n, '2024-01-01' from generate_series(1, 9) n;
    insert into orders_new select * from orders where id > 2;
    update orders_new set total = -1 where id = 3; update orders_new set at = at + interval '2 hours' where id = 4`);
  const place = await makePlace({ connections: { shop: { postgres: postgres.url } } });
  const job = (task: 'correct' | 'undo'): EffectJob => {
    const key = { ...KEY, purpose: task === 'undo' ? ('undo' as const) : ('apply' as const) };
    return { context: place.context, key, action: { ...ACTION, task: { do: task } }, timeoutMs: 60_000 };
  };
  return { place, job };
}

async function ask(query: string): Promise<readonly Record<string, unknown>[]> {
  return (await client.query(query)).rows;
}

const ROWS = 'select id, total::int, at from orders_new order by id';
const SAVED =
  'select key ->> 0 as id, kind, undone_at is not null as undone from sluice.correction order by 1';

const POINTS: readonly FaultPoint[] = ['before-commit', 'after-commit', 'before-return'];

test.each(POINTS)('each row is corrected once, and restored once, when the worker dies %s', async (fault) => {
  const { place, job } = await shop();
  const before = await ask(ROWS);
  expect(await attemptIn(place, job('correct'), 1, fault).outcome).toBeNull();
  expect(await untilDone(place, job('correct'), 2)).toMatchObject({ comparison: { verdict: 'pass' } });
  expect(await ask(ROWS)).toEqual(await ask('select id, total::int, at from orders order by id'));
  const saved = [
    { id: '1', kind: 'missing', undone: false },
    { id: '2', kind: 'missing', undone: false },
    { id: '3', kind: 'different', undone: false },
    { id: '4', kind: 'temporal', undone: false },
  ];
  expect(await ask(SAVED)).toEqual(saved);
  expect(await attemptIn(place, job('undo'), 1, fault).outcome).toBeNull();
  expect(await untilDone(place, job('undo'), 2)).toMatchObject({ outcome: 'done' });
  expect(await ask(ROWS)).toEqual(before);
  expect(await ask(SAVED)).toEqual(saved.map((row) => ({ ...row, undone: true })));
});

test.each(['before-commit', 'after-commit'] as const)(
  'what a client writes after the worker died %s of an undo is left alone',
  async (fault) => {
    const { place, job } = await shop();
    await untilDone(place, job('correct'), 1);
    expect(await attemptIn(place, job('undo'), 1, fault).outcome).toBeNull();
    await client.query(
      'update orders_new set total = 77 where id = 3; update orders_new set total = 78 where id = 1',
    );
    const ending = JSON.stringify(await untilDone(place, job('undo'), 2));
    expect(ending).toContain('changed since');
    expect(await ask('select id, total::int from orders_new where id in (1, 2, 3) order by id')).toEqual([
      { id: 1, total: 78 },
      { id: 3, total: 77 },
    ]);
  },
);
