/** Comparisons by changed keys: what changed on either side since the last one is seen, and so is what was deleted, or never mended. */
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { probe, probeContextOf } from '../../../activities/probes/index.js';
import type { ComparedTable, ReconcileMethod } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, makePlace, runIn } from '../support.js';

let postgres: Postgres;
let client: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query("create user reader password 'reader'");
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

const CLEAN =
  'drop schema if exists sluice cascade; drop schema public cascade; create schema public; grant usage on schema public to public;';
/** The times of all rows are old enough to be before every mark. */
const TABLE_OF = (
  name: string,
): string => `create table ${name} (id int primary key, total int, updated_at timestamptz not null default now()); create index on ${name} (updated_at);
insert into ${name} select n, n, timestamptz '2024-01-01' from generate_series(1, 1000) n; grant select on ${name} to public;`;
const BOTH = CLEAN + TABLE_OF('orders') + TABLE_OF('orders_new');
beforeEach(async () => {
  await client.query(BOTH);
});

function urlOf(more: {
  readonly pathname?: string;
  readonly username?: string;
  readonly password?: string;
}): string {
  return Object.assign(new URL(postgres.url), more).href;
}

const TABLE: ComparedTable = {
  source: { schema: 'public', table: 'orders' },
  target: { schema: 'public', table: 'orders_new' },
  ...{ set: [], omit: [], exclude: [], groupBy: [], where: null, filter: null },
};
const WATCH: ReconcileMethod = { kind: 'changed', column: 'updated_at' };
const WHOLE: ReconcileMethod = { kind: 'rows', changedBy: 'updated_at' };

async function compare(
  method: ReconcileMethod = WATCH,
  table: Partial<ComparedTable> = {},
  target: Parameters<typeof urlOf>[0] = {},
) {
  const connections = { shop: { postgres: postgres.url }, other: { postgres: urlOf(target) } };
  const place = await makePlace({ connections });
  const reconciliation = {
    ...({ how: 'reconcile', item: 'DATA-1', source: 'shop', target: 'other' } as const),
    ...{ tables: [{ ...TABLE, ...table }], method, threshold: 1, rules: [] },
  };
  return runIn(attempt(), async () => {
    const settings = { probes: [reconciliation], baselines: {}, timeoutMs: 60_000 };
    return probe(reconciliation, await probeContextOf(place.clients, place.context, settings));
  });
}

const passes = (evidence: string) => ({ verdict: 'pass', evidence: expect.stringContaining(evidence) });
const fails = (evidence: string) => ({ verdict: 'fail', evidence: expect.stringContaining(evidence) });

test('after the first time only rows with a new time are compared, whichever side they changed on', async () => {
  const values = { exclude: ['updated_at'] };
  expect(await compare(WATCH, values)).toMatchObject(passes('1,000 rows compared, 100 % equal'));
  expect(await compare(WATCH, values)).toMatchObject({
    verdict: 'pass',
    evidence: expect.stringMatching(/^orders -> orders_new: no row changed since [\d-]{10}T[\d:]{8}Z$/),
  });
  await client.query('update orders set total = 0, updated_at = now() where id in (3, 4)');
  await client.query('insert into orders values (2000, 1)');
  await client.query('update orders_new set total = 0, updated_at = now() where id in (4, 5)');
  const { evidence } = await compare(WATCH, values);
  expect(evidence).toMatch(
    / 4 rows changed since \S+ compared, 25.0000 % equal, 1 missing, 2 different \(total\)/,
  );
});

test('what differed is looked at again until it is mended, however long ago it changed', async () => {
  await client.query('update orders_new set total = 0 where id = 7');
  expect(await compare()).toMatchObject(fails('1 different (total)'));
  expect(await compare()).toMatchObject(fails('1 row changed since'));
  await client.query('update orders_new set total = 7 where id = 7');
  expect(await compare()).toMatchObject(passes('100 % equal'));
  expect(await compare()).toMatchObject(passes('no row changed'));
});

test('a row that was deleted on one side has no time any more, and is found by the numbers of rows', async () => {
  await compare();
  await client.query('delete from orders_new where id = 11');
  expect(await compare()).toMatchObject(fails('1 missing'));
  await client.query('delete from orders where id in (11, 12)');
  expect(await compare()).toMatchObject(fails('1 extra'));
  await client.query('delete from orders_new where id = 12');
  expect(await compare()).toMatchObject(passes('100 % equal'));
});

test('a decision compares every row; what it finds without a new time is watched from then on', async () => {
  expect(await compare(WHOLE)).toMatchObject(passes('1,000 rows compared'));
  await client.query('update orders_new set total = 0 where id = 13');
  expect(await compare()).toMatchObject(passes('no row changed'));
  expect(await compare(WHOLE)).toMatchObject(fails('1 different'));
  expect(await compare()).toMatchObject(fails('1 different'));
});

test('a transaction that is still open holds the mark back, as its rows will have the time of its beginning', async () => {
  const late = new pg.Client({ connectionString: postgres.url });
  await late.connect();
  await late.query('begin');
  const begun = "to_char(now() at time zone 'UTC' - interval '60 seconds', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
  const mark = (await late.query(`select ${begun} as mark`)).rows[0].mark;
  const passed = "select clock_timestamp() > now() + interval '1 second' as passed";
  await expect.poll(async () => (await late.query(passed)).rows[0].passed, { timeout: 60_000 }).toBe(true);
  await compare();
  await late.query('commit');
  await late.end();
  expect(await compare()).toMatchObject(passes(`no row changed since ${mark}`));
});

test('a row that the rules leave out by now is extra', async () => {
  const where = { where: '(total > 0)' };
  expect(await compare(WATCH, where)).toMatchObject(passes('1,000 rows compared'));
  await client.query('update orders set total = 0, updated_at = now() where id = 19');
  expect(await compare(WATCH, where)).toMatchObject(fails('1 extra'));
});

test('between two databases each side has its own mark', async () => {
  await client.query('create database apart template template0');
  const other = new pg.Client({ connectionString: urlOf({ pathname: 'apart' }) });
  await other.connect();
  await other.query(TABLE_OF('orders_new'));
  const apart = () => compare(WATCH, { exclude: ['updated_at'] }, { pathname: 'apart' });
  expect(await apart()).toMatchObject(passes('1,000 rows compared'));
  await client.query('update orders set total = 0, updated_at = now() where id = 29');
  await other.query('update orders_new set total = 0, updated_at = now() where id in (29, 31)');
  expect(await apart()).toMatchObject(fails('2 rows changed since'));
  await other.query('update orders_new set total = 31 where id = 31; delete from orders_new where id = 37');
  await client.query('delete from orders where id = 37');
  expect(await apart()).toMatchObject(passes('2 rows changed since'));
  await other.end();
});

test('other rules begin with every row', async () => {
  await compare();
  expect(await compare(WATCH, { exclude: ['total'] })).toMatchObject(passes('1,000 rows compared'));
});

test('wall clocks count as any time zone may write them', async () => {
  await client.query("alter table orders alter updated_at type timestamp using '2024-01-01'");
  await client.query("alter table orders_new alter updated_at type timestamp using '2024-01-01'");
  await compare();
  await client.query(
    "update orders set total = 0, updated_at = now() at time zone 'Etc/GMT+12' where id = 23",
  );
  expect(await compare(WATCH, { exclude: ['updated_at'] })).toMatchObject(fails('1 different'));
});

test('a column that cannot say when a row changed gives no verdict', async () => {
  for (const [column, why] of [
    ['gone', 'orders has no such column'],
    ['total', 'orders.total is no time'],
  ] as const) {
    for (const method of [
      { kind: 'changed', column },
      { kind: 'rows', changedBy: column },
    ] as const)
      expect(await compare(method)).toMatchObject({
        verdict: 'inconclusive',
        evidence: expect.stringContaining(why),
      });
  }
});

test('a user who may only read compares every row each time, and is told so', async () => {
  for (let time = 0; time < 2; time += 1) {
    expect(await compare(WATCH, {}, { username: 'reader', password: 'reader' })).toMatchObject(
      passes('1,000 rows compared, 100 % equal; the next comparison of orders_new is of every row again'),
    );
  }
});

test('whatever happens on either side, it finds what a comparison of every row finds', async () => {
  const side = fc.constantFrom('orders', 'orders_new');
  const change = fc.record({
    side,
    id: fc.integer({ min: 1, max: 12 }),
    what: fc.constantFrom('update', 'upsert', 'delete', 'same'),
  });
  // As many deletes on one side as others on the other, between two comparisons, are what it does not see.
  const round = fc.record({ deletes: side, changes: fc.array(change, { maxLength: 5 }) });
  const rounds = fc.array(round, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(rounds, async (all) => {
      await client.query(BOTH);
      await compare();
      for (const { deletes, changes } of all) {
        for (const { side: table, id, what } of changes) {
          if (what === 'delete') await client.query(`delete from ${deletes} where id = ${id}`);
          if (what === 'update')
            await client.query(`update ${table} set total = total + 1, updated_at = now() where id = ${id}`);
          if (what === 'upsert')
            await client.query(
              `insert into ${table} values (${id}, ${id}) on conflict (id) do update set total = excluded.total, updated_at = now()`,
            );
          if (what === 'same') await client.query(`update ${table} set updated_at = now() where id = ${id}`);
        }
        const own = { exclude: ['updated_at'] };
        const kinds = ({ evidence }: { readonly evidence: string }) =>
          evidence.match(/\d+ (?:missing|extra|different)/g);
        const changed = await compare(WATCH, own);
        const everything = await compare({ kind: 'rows' }, own);
        expect([changed.verdict, kinds(changed)]).toEqual([everything.verdict, kinds(everything)]);
      }
    }),
    { numRuns: 8 },
  );
});
