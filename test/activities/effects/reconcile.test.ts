/** A step that reconciles: rows are corrected as far as the strategy allows, people settle the rest, and the undo restores every row. */
import { MockActivityEnvironment } from '@temporalio/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EffectOutcome } from '../../../activities/contract.js';
import { runReconcile } from '../../../activities/effects/reconcile/reconcile.js';
import type { ComparedTable, ReconcileAction, ReconcileTask, Resolution } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, KEY, makePlace, runIn } from '../support.js';

let postgres: Postgres;
let there: pg.Client;
let here: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  there = new pg.Client({ connectionString: postgres.url });
  await there.connect();
  here = new pg.Client({ connectionString: postgres.url, options: '-c search_path=next' });
  await here.connect();
});
afterAll(async () => {
  await here.end();
  await there.end();
  await postgres.stop();
});

const table = (name: string): ComparedTable => ({
  source: { schema: 'public', table: name },
  target: { schema: 'next', table: name },
  ...{ set: [], omit: [], where: null, filter: null, exclude: [], groupBy: [] },
});

const BASE: ReconcileAction = {
  kind: 'reconcile',
  reconciliation: {
    ...{ item: 'DATA-1', source: 'shop', target: 'shop', threshold: 1, rules: [] },
    // Children first: the order of the strategy need not be that of the foreign keys.
    tables: [table('orders'), table('customers')],
    method: { kind: 'rows' },
  },
  ...{ correct: 'fields', max: 1_000, reviewer: null },
  task: { do: 'correct' },
};

const TABLES = `create table customers (id int primary key, name text);
create table orders (id int primary key, customer int not null references customers, total numeric);`;
const ROWS = `insert into customers select n, 'c' || n from generate_series(1, 20) n;
insert into orders select n, 1 + n % 20, n * 1.50 from generate_series(1, 100) n;`;

async function bed() {
  for (const schema of ['sluice', 'public', 'next'])
    await there.query(`drop schema if exists ${schema} cascade`);
  await there.query('create schema public; create schema next');
  for (const client of [there, here]) await client.query(`${TABLES}${ROWS}`);
  const place = await makePlace({ connections: { shop: { postgres: postgres.url } } });
  return (task: ReconcileTask, more: Partial<ReconcileAction> = {}): Promise<EffectOutcome> => {
    const key = { ...KEY, purpose: task.do === 'undo' ? ('undo' as const) : ('apply' as const) };
    const job = { context: place.context, key, action: { ...BASE, ...more, task }, timeoutMs: 60_000 };
    return runIn(attempt(), () => runReconcile(place.clients, job));
  };
}

async function state(): Promise<string> {
  const query = `select (select jsonb_agg(c order by id) from customers c)::text || (select jsonb_agg(o order by id) from orders o)::text as all`;
  return String((await here.query(query)).rows[0].all);
}

async function sameAsSource(): Promise<boolean> {
  const query = `select md5((select jsonb_agg(c order by id) from customers c)::text || (select jsonb_agg(o order by id) from orders o)::text) as sum`;
  return (await there.query(query)).rows[0].sum === (await here.query(query)).rows[0].sum;
}

function decided(outcome: EffectOutcome, option: Resolution['option'], reason = 'as agreed'): ReconcileTask {
  if (outcome.outcome !== 'done' || outcome.asks === undefined) throw new Error(JSON.stringify(outcome));
  return { do: 'resolve', batch: outcome.asks.batch, option, by: 'dora', reason };
}

test('missing parents and children are inserted, other values overwritten, and the undo restores what there was', async () => {
  const run = await bed();
  await here.query(
    'delete from orders where customer in (3, 4); delete from customers where id in (3, 4); update orders set total = 0 where id <= 2; update customers set name = null where id = 9',
  );
  const before = await state();
  const outcome = await run({ do: 'correct' });
  expect(outcome).toMatchObject({
    outcome: 'done',
    comparison: { verdict: 'pass', inserted: 12, updated: 2, deleted: 0, orphans: 0 },
  });
  expect(outcome).not.toHaveProperty('asks');
  expect(await sameAsSource()).toBe(true);
  // Once more, as after a kill: nothing is left to correct.
  expect(await run({ do: 'correct' })).toMatchObject({ comparison: { inserted: 0, updated: 0 } });
  expect(await run({ do: 'undo' })).toMatchObject({
    outcome: 'done',
    output: '14 corrected rows restored\n',
  });
  expect(await state()).toBe(before);
  expect(await run({ do: 'undo' })).toMatchObject({ outcome: 'done', output: '0 corrected rows restored\n' });
});

test('above the limit nothing is corrected and a person decides; a row that changes meanwhile is left alone and asked about again', async () => {
  const run = await bed();
  await here.query('update orders set total = -1 where id <= 5');
  const before = await state();
  const asked = await run({ do: 'correct' }, { max: 4 });
  expect(asked).toMatchObject({
    comparison: { verdict: 'fail', inserted: 0, updated: 0 },
    asks: { kind: 'review', question: expect.stringContaining('5 rows of DATA-1 differ (5 different)') },
  });
  expect(JSON.stringify(asked)).toContain('the limit is 4');
  // As after a kill: the batch of the first attempt is replaced, and nothing follows from an answer about it.
  const current = await run({ do: 'correct' }, { max: 4 });
  const stale = await run(decided(asked, 'apply-source'), { max: 4 });
  expect(stale).toMatchObject({ comparison: { updated: 0 }, asks: { kind: 'review' } });
  expect(current).not.toEqual(stale);
  expect(await state()).toBe(before);
  await here.query('update orders set total = -2 where id = 1');
  const again = await run(decided(stale, 'apply-source'), { max: 0 });
  expect(again).toMatchObject({
    comparison: { updated: 4 },
    asks: { question: expect.stringContaining('1 row of DATA-1 differ') },
  });
  const rows = await here.query(
    "select key ->> 0 as id, status, note, reason from sluice.review where status <> 'pending' order by review.id",
  );
  expect(rows.rows.filter(({ status }) => status === 'applied')).toHaveLength(4);
  expect(rows.rows).toContainEqual({
    id: '1',
    status: 'failed',
    note: 'changed since it was compared',
    reason: 'as agreed',
  });
  expect((await here.query('select total::int from orders where id = 1')).rows).toEqual([{ total: -2 }]);
  expect(await run(decided(again, 'apply-source'), { max: 0 })).toMatchObject({
    comparison: { verdict: 'pass' },
  });
  // What somebody writes after a correction is not overwritten by the undo.
  await here.query('update orders set total = 7 where id = 3');
  expect(await run({ do: 'undo' })).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('orders ["3"]: it was changed since'),
  });
  const totals = await here.query('select id, total::int from orders where id <= 5 order by id');
  expect(totals.rows.map(({ total }) => total)).toEqual([-2, -1, 7, -1, -1]);
});

test('extra rows are deleted by an explicit choice only, children before parents, and come back with the undo', async () => {
  const run = await bed();
  await here.query(
    "insert into customers values (99, 'x'); insert into orders values (901, 99, 1), (902, 99, null)",
  );
  const before = await state();
  const asked = await run({ do: 'correct' });
  expect(asked).toMatchObject({
    comparison: { deleted: 0 },
    asks: { question: expect.stringContaining('3 rows of DATA-1 in the target only. May they be deleted') },
  });
  expect(await state()).toBe(before);
  expect(await run(decided(asked, 'apply-source'))).toMatchObject({
    comparison: { verdict: 'pass', deleted: 3 },
  });
  expect(await sameAsSource()).toBe(true);
  expect(await run({ do: 'undo' })).toMatchObject({ outcome: 'done' });
  expect(await state()).toBe(before);
});

test('rows that are kept count as settled until either side changes', async () => {
  const run = await bed();
  await here.query('update orders set total = -1 where id <= 2');
  const asked = await run({ do: 'correct' }, { correct: 'off' });
  const kept = await run(decided(asked, 'keep-target'), { correct: 'off' });
  expect(kept).toMatchObject({ comparison: { verdict: 'pass', updated: 0 } });
  expect(kept).toMatchObject({ output: expect.stringContaining('2 settled by review') });
  await there.query('update orders set total = 1000 where id = 2');
  expect(await run({ do: 'correct' }, { correct: 'off' })).toMatchObject({
    asks: { question: expect.stringContaining('1 row of DATA-1 differ') },
  });
});

test('a value of its own is settled only once the target has it', async () => {
  const run = await bed();
  await here.query("update customers set name = 'wrong' where id in (1, 2)");
  const off = { correct: 'off' } as const;
  const asked = await run({ do: 'correct' }, off);
  const partly = await run(decided(asked, 'custom', 'see {"id": 1, "name": "Ann"}'), off);
  expect(partly).toMatchObject({ output: expect.stringContaining('states no row for next.customers ["2"]') });
  const both = '[{"id": 1, "name": "Ann"}, {"id": 2, "name": null}]';
  const byHand = await run(decided(partly, 'custom', `see ${both}`), off);
  expect(byHand).toMatchObject({
    asks: { kind: 'by-hand', checklist: [expect.stringContaining('Ann'), expect.anything()] },
  });
  if (byHand.outcome !== 'done' || byHand.asks === undefined) throw new Error('not asked');
  const confirm = { do: 'confirm', batch: byHand.asks.batch } as const;
  await here.query("update customers set name = 'Ann' where id = 1");
  expect(await run(confirm, off)).toMatchObject({
    asks: { kind: 'by-hand', question: expect.stringMatching(/^1 row not as stated yet/) },
  });
  await here.query('update customers set name = null where id = 2');
  const done = await run(confirm, off);
  expect(done).toMatchObject({ outcome: 'done', comparison: { verdict: 'pass' } });
  expect(done).not.toHaveProperty('asks');
});

test('a dry run changes nothing, and the undo works without the source', async () => {
  const run = await bed();
  await here.query('delete from orders where id = 5; update orders set total = 0 where id = 6');
  const before = await state();
  const asked = await run({ do: 'correct' }, { correct: 'dry-run' });
  expect(asked).toMatchObject({
    output: expect.stringContaining('"missing" would insert 1 rows, "fields" would also overwrite 1'),
  });
  expect(await state()).toBe(before);
  await run(decided(asked, 'apply-source'), { correct: 'dry-run' });
  expect(await sameAsSource()).toBe(true);
  await there.query('drop table orders, customers');
  expect(await run({ do: 'undo' })).toMatchObject({ outcome: 'done' });
  expect(await state()).toBe(before);
});

test('what a comparison finds and corrects is counted by table, for the metrics of the worker', async () => {
  await bed();
  await here.query('delete from orders where id <= 2; update orders set total = 0 where id = 3');
  const place = await makePlace({ connections: { shop: { postgres: postgres.url } } });
  const job = { context: place.context, key: KEY, action: BASE, timeoutMs: 60_000 };
  const counted = new Map<string, number>();
  const meter = (name: string) => {
    const note = (value: number, tags: Readonly<Record<string, unknown>> = {}): void => {
      const own = ['item', 'table', 'type', 'severity', 'correction_type', 'job_type'];
      const series = [name, ...own.flatMap((label) => tags[label] ?? [])].join(' ');
      counted.set(series, (counted.get(series) ?? 0) + value);
    };
    return {
      add: note,
      record: note,
      set: note,
      name,
      kind: 'counter',
      valueType: 'int',
      withTags: () => meter(name),
    };
  };
  const metricMeter = {
    createCounter: meter,
    createHistogram: meter,
    createGauge: meter,
    withTags: () => metricMeter,
  };
  const environment = new MockActivityEnvironment({}, { metricMeter: metricMeter as never });
  await runIn(environment, () => runReconcile(place.clients, job));
  const figures = Object.fromEntries(counted);
  expect(figures).toMatchObject({
    'sluice_reconciliation_inconsistencies next.orders missing medium': 2,
    'sluice_reconciliation_inconsistencies next.orders different medium': 1,
    'sluice_reconciliation_auto_corrections next.orders insert': 2,
    'sluice_reconciliation_auto_corrections next.orders update': 1,
    'sluice_reconciliation_duration correction': expect.any(Number),
    'sluice_reconciliation_last_success DATA-1': expect.any(Number),
  });
  expect(figures['sluice_data_drift_percentage next.orders']).toBeCloseTo(3);
});

test('who decides is told of columns that are distributed otherwise, without their values', async () => {
  const run = await bed();
  await here.query("update orders set total = total * 100; update customers set name = 'secret'");
  const asked = JSON.stringify(await run({ do: 'correct' }, { correct: 'off' }));
  expect(asked).toMatch(
    /Distributed otherwise than in the source.*next\.orders\.total: median 75\.75 -> 7575 \(robust z/,
  );
  expect(asked).not.toContain('secret');
});
