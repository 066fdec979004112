/** Both sides of a data migration are compared in their databases: what differs is found to the row, and named by its kind. */
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { probe, probeContextOf } from '../../../activities/probes/index.js';
import type { ComparedTable, Reconciliation } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, makePlace, runIn } from '../support.js';

let postgres: Postgres;
let here: pg.Client;
let there: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  there = new pg.Client({ connectionString: postgres.url });
  await there.connect();
  // Another encoding, so that the hash of the server itself is not the same on both.
  await there.query("create database other template template0 encoding 'LATIN1' locale 'C'");
  here = new pg.Client({ connectionString: otherUrl() });
  await here.connect();
});
afterAll(async () => {
  await here.end();
  await there.end();
  await postgres.stop();
});

function otherUrl(): string {
  return postgres.url.replace(/postgres$/, 'other');
}

const TABLE: ComparedTable = {
  source: { schema: 'public', table: 'orders' },
  target: { schema: 'public', table: 'orders_new' },
  set: [],
  omit: [],
  where: null,
  filter: null,
  exclude: [],
  groupBy: [],
};
const BASE: Reconciliation = {
  item: 'DATA-1',
  source: 'shop',
  target: 'shop',
  tables: [TABLE],
  method: { kind: 'rows' },
  threshold: 1,
  rules: [],
};

async function compare(more: Partial<Reconciliation>) {
  const place = await makePlace({
    connections: { shop: { postgres: postgres.url }, other: { postgres: otherUrl() } },
  });
  return runIn(attempt(), async () => {
    const reconciliation = { how: 'reconcile', ...BASE, ...more } as const;
    const settings = { probes: [reconciliation], baselines: {}, timeoutMs: 60_000 };
    return probe(reconciliation, await probeContextOf(place.clients, place.context, settings));
  }).then(async (result) => {
    const file = /keys in (\S+)$/.exec(result.evidence)?.[1];
    const lines = file === undefined ? [] : (await readFile(file, 'utf8')).trimEnd().split('\n');
    const differences: unknown[] = lines.map((line) => JSON.parse(line));
    return { ...result, differences };
  });
}

async function setUp(client: pg.Client, sql: string): Promise<void> {
  await client.query(`drop schema public cascade; create schema public; ${sql}`);
}

const ORDERS = `create table orders (shop int, id bigint, email text, total numeric, at timestamptz, primary key (shop, id));
insert into orders select n % 3, n, case when n % 7 <> 0 then 'Us\u00e9r' || n end, n * 1.50, timestamptz '2024-01-01' + n * interval '1 hour' from generate_series(1, 5000) n;`;
const ORDERS_NEW = `create table orders_new (shop bigint, id bigint, email varchar(40), total numeric(12, 1), at timestamptz, primary key (shop, id));`;
const COPY = `${ORDERS}${ORDERS_NEW} insert into orders_new select * from orders;`;

test('equal rows are equal, whatever the types of their columns, and differences are found to the row', async () => {
  await setUp(there, COPY);
  expect(await compare({})).toMatchObject({
    verdict: 'pass',
    evidence: 'orders -> orders_new: 5,000 rows compared, 100 % equal',
  });
  await there.query(`delete from orders_new where id = 17; update orders_new set email = '' where id = 21;
    update orders_new set total = total + 1, email = 'x' where id = 4999; insert into orders_new values (9, 9, null, 9, null)`);
  const found = await compare({});
  expect(found).toMatchObject({
    verdict: 'fail',
    evidence: expect.stringContaining(
      '5,001 rows compared, 99.9200 % equal, 1 missing, 1 extra, 2 different (email, total); 100 % must be equal; keys in ',
    ),
  });
  expect(found.differences).toHaveLength(4);
  expect(found.differences).toEqual(
    expect.arrayContaining([
      { kind: 'different', table: 'orders_new', key: ['0', '21'], detail: ['email'] },
      { kind: 'different', table: 'orders_new', key: ['1', '4999'], detail: ['total', 'email'].toSorted() },
      { kind: 'missing', table: 'orders_new', key: ['2', '17'] },
      { kind: 'extra', table: 'orders_new', key: ['9', '9'] },
    ]),
  );
  expect(await compare({ threshold: 0.999 })).toMatchObject({ verdict: 'pass' });
});

test('rows of two databases are compared with the rules of the item, and what was rounded on the way is a difference', async () => {
  await setUp(there, ORDERS);
  await setUp(
    here,
    `create table orders_new (shop int, id bigint, email text, cents bigint, primary key (shop, id));`,
  );
  const rows = await there.query(
    'select shop, id, lower(email) as email, (total * 100)::bigint as cents from orders where id > 5',
  );
  await here.query(
    'insert into orders_new select * from json_populate_recordset(null::orders_new, $1::json)',
    [JSON.stringify(rows.rows)],
  );
  const set = [
    { column: 'email', value: 'lower(email)' },
    { column: 'cents', value: 'total * 100' },
  ];
  const tables = [{ ...TABLE, set, omit: ['total', 'at'], where: '(id > 5)' }];
  const between = { target: 'other', tables } as const;
  expect(await compare(between)).toMatchObject({
    verdict: 'pass',
    evidence: 'orders -> orders_new: 4,995 rows compared, 100 % equal',
  });
  await here.query('alter table orders_new alter cents type bigint using cents / 100 * 100');
  expect(await compare(between)).toMatchObject({
    verdict: 'fail',
    evidence: expect.stringContaining('different (cents)'),
  });
  expect(await compare({ ...between, tables: [{ ...TABLE, set }] })).toMatchObject({
    verdict: 'fail',
    evidence: expect.stringContaining('the target has no column "total", "at"'),
  });
});

test('writes that arrive in the other database a moment later are no difference', async () => {
  await setUp(there, ORDERS);
  await setUp(here, 'create table orders_new (shop int, id bigint, email text, primary key (shop, id));');
  const rows = await there.query('select shop, id, email from orders where id <> 1');
  await here.query(
    'insert into orders_new select * from json_populate_recordset(null::orders_new, $1::json)',
    [JSON.stringify(rows.rows)],
  );
  // The row arrives while the comparison is under way: its table is locked until the comparison has begun to wait for it.
  await here.query(
    "begin; insert into orders_new values (1, 1, 'Us\u00e9r1'); lock table orders_new in access exclusive mode",
  );
  const comparing = compare({ target: 'other', tables: [{ ...TABLE, omit: ['total', 'at'] }] });
  const waits = 'select count(*)::int as n from pg_locks where not granted';
  while ((await there.query(waits)).rows[0].n === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await here.query('commit');
  expect(await comparing).toMatchObject({ verdict: 'pass' });
});

test('counts are compared per group, NULL among them', async () => {
  await setUp(there, COPY);
  await there.query("update orders_new set email = 'x' where email is null and id < 100");
  const count = { method: { kind: 'count' } } as const;
  expect(await compare(count)).toMatchObject({ verdict: 'pass' });
  const found = await compare({ ...count, tables: [{ ...TABLE, groupBy: ['email'], filter: 'id < 200' }] });
  expect(found).toMatchObject({
    verdict: 'fail',
    evidence: expect.stringContaining('2 groups with another number'),
  });
  expect(found.differences).toContainEqual({
    kind: 'group',
    table: 'orders_new',
    key: [null],
    detail: ['source 28', 'target 14'],
  });
});

test('a sample passes only when it proves its threshold', async () => {
  await setUp(there, COPY);
  const sample = (rows: number) => ({ method: { kind: 'sample', rows, confidence: 0.95 } }) as const;
  expect(await compare({ ...sample(1_000), threshold: 0.99 })).toMatchObject({ verdict: 'pass' });
  expect(await compare({ ...sample(100), threshold: 0.9999 })).toMatchObject({
    verdict: 'inconclusive',
    evidence: expect.stringContaining('does not prove 99.99 %'),
  });
  expect(await compare({ ...sample(5_000), threshold: 1 })).toMatchObject({ verdict: 'pass' });
  await there.query(
    'delete from orders_new where id % 2 = 0; insert into orders_new select 77, n from generate_series(1, 2500) n',
  );
  const found = await compare({ ...sample(1_000), threshold: 0.99 });
  expect(found.verdict).toBe('fail');
  expect(found.evidence).toMatch(/\d+ missing, \d+ extra/);
});

test('business rules compare values within their tolerance', async () => {
  await setUp(there, COPY);
  const query = (table: string, more = '') => `select shop, sum(total)${more} from ${table} group by shop`;
  const rule = (more: string, tolerance: string) => ({
    method: { kind: 'rules' } as const,
    tables: [],
    rules: [
      { name: 'Totals per shop', source: query('orders'), target: query('orders_new', more), tolerance },
    ],
  });
  expect(await compare(rule('', '0'))).toMatchObject({
    verdict: 'pass',
    evidence: 'Totals per shop: 3 values equal',
  });
  expect(await compare(rule('+ 0.01', '0.01'))).toMatchObject({ verdict: 'pass' });
  expect(await compare(rule('+ 0.011', '0.01'))).toMatchObject({
    verdict: 'fail',
    evidence: expect.stringContaining('3 of 3 values differ'),
  });
  expect(await compare(rule(', null', '0'))).toMatchObject({ verdict: 'fail' });
});

test('rows that differ in times only are temporal, and a distance that is the same in all of them tells of a time zone', async () => {
  await setUp(there, COPY);
  await there.query(`update orders_new set at = at + interval '2 hours' where id <= 40;
    update orders_new set at = at + interval '1 hour', email = 'x' where id = 41; update orders_new set at = null where id = 42`);
  const found = await compare({});
  expect(found.verdict).toBe('fail');
  expect(found.evidence).toContain(
    '2 different (at, email), 40 temporal (at: 2 hours later in each of 40 rows, as from another time zone)',
  );
  const kinds = found.differences.map((difference) => JSON.stringify(difference));
  expect(kinds.filter((line) => line.includes('"temporal"'))).toHaveLength(40);
  await there.query("update orders_new set at = at - interval '3 hours' where id = 1");
  expect((await compare({})).evidence).toContain('40 temporal (at: 1 hour earlier to 2 hours later)');
});

test('a difference in every one of many rows is named as well', async () => {
  const table = (name: string) => `create table ${name} (id int primary key, at timestamp);`;
  await setUp(
    there,
    `${table('orders')}${table('orders_new')} insert into orders select n, timestamp '2024-01-01' + n * interval '1 s' from generate_series(1, 12000) n;
    insert into orders_new select id, at - interval '1 hour' from orders`,
  );
  expect((await compare({})).evidence).toContain('12,000 temporal (at: 1 hour earlier in each of 1,000 rows');
});

test('times of the target that contradict the order that the item states are named, however equal both sides are', async () => {
  const table = (name: string) =>
    `create table ${name} (id int primary key, made timestamptz, changed timestamptz);`;
  await setUp(
    there,
    `${table('orders')}${table('orders_new')} insert into orders select n, now() - n * interval '-1 s' - interval '1 day', now() - interval '1 hour' from generate_series(1, 9) n;
    update orders set changed = null where id = 1; update orders set changed = made - interval '1 s' where id = 2;
    update orders set changed = now() + interval '1 day' where id = 3; update orders set made = made - interval '1 hour' where id = 7;
    insert into orders_new select * from orders`,
  );
  const times = [
    { kind: 'before', earlier: 'made', later: 'changed' },
    { kind: 'before', earlier: 'changed', later: null },
    { kind: 'by-key', column: 'made' },
  ] as const;
  const found = await compare({ tables: [{ ...TABLE, times }] });
  expect(found).toMatchObject({ verdict: 'fail', evidence: expect.stringContaining('100 % equal') });
  expect(found.differences).toEqual(
    [
      ['2', 'made <= changed'],
      ['3', 'changed <= now'],
      ['7', 'made by key'],
    ].map(([key, text]) => ({ kind: 'time-order', table: 'orders_new', key: [key], detail: [text] })),
  );
  expect(await compare({ tables: [{ ...TABLE, times: [] }] })).toMatchObject({ verdict: 'pass' });
  const unknown = [{ kind: 'by-key', column: 'gone' }] as const;
  await expect(compare({ tables: [{ ...TABLE, times: unknown }] })).resolves.toMatchObject({
    verdict: 'inconclusive',
    evidence: expect.stringContaining('names the column "gone"'),
  });
});

test('rows without a parent are orphans, also by a foreign key that only the source declares', async () => {
  await setUp(
    there,
    `create table customers (id int primary key); insert into customers values (1), (2);
    create table orders (id int primary key, customer int references customers); insert into orders values (1, 1), (2, 2), (3, null);
    create table customers_new (id int primary key); insert into customers_new values (1);
    create table orders_new (id int primary key, customer int); insert into orders_new select * from orders`,
  );
  const customers = {
    ...TABLE,
    source: { schema: 'public', table: 'customers' },
    target: { schema: 'public', table: 'customers_new' },
  };
  const found = await compare({ tables: [TABLE, customers], threshold: 0.1 });
  expect(found).toMatchObject({ verdict: 'fail', evidence: expect.stringContaining('1 orphan keys') });
  expect(found.differences).toContainEqual(expect.objectContaining({ kind: 'orphan', key: ['2'] }));
});

test('what cannot be compared is inconclusive, never a pass', async () => {
  await setUp(there, `create table orders (id int primary key); create table orders_new (id int)`);
  expect(await compare({})).toMatchObject({
    verdict: 'inconclusive',
    evidence: expect.stringContaining('has no key'),
  });
  await setUp(
    there,
    `create table orders (id int primary key); create table orders_new (id int primary key)`,
  );
  expect(await compare({})).toMatchObject({
    verdict: 'inconclusive',
    evidence: expect.stringContaining('both sides are empty'),
  });
  await setUp(there, 'create table orders (id int primary key)');
  expect(await compare({})).toMatchObject({
    verdict: 'inconclusive',
    evidence: expect.stringContaining('orders_new does not exist'),
  });
});

const KEYS: readonly (readonly [string, string])[] = [
  ['int', '(n * 7919) % 100003'],
  ['text', "chr(9731 + n::int) || '\"\\,{}' || n"],
  ['timestamptz', "timestamptz '2020-01-01 00:00:00.123456+02' + n * interval '1 day 1 microsecond'"],
  ['float8', 'n / 3.0::float8'],
  ['bytea', "decode(md5(n::text), 'hex')"],
];

/** Two values of a type that its own hash, or a sum of hashes, easily takes for one. */
const ALIKE: readonly (readonly [string, string, string])[] = [
  ['bigint', '1', '4294967296'],
  ['timestamptz', '2000-01-01 00:00:00.000001+00', '2000-01-01 01:11:34.967296+00'],
  ['timestamp', '2000-01-01 00:00:00.000001', '2000-01-01 01:11:34.967296'],
  ['numeric', '1.5', '-1.5'],
  ['double precision', '0', '-0'],
  ['interval', '1 mon', '30 days'],
  ['jsonb', '1.0', '1.00'],
  ['text', 'a', 'A'],
  ['time with time zone', '12:00+00', '13:00+01'],
];

test('values that are easily taken for each other differ, also where two rows have swapped them', async () => {
  const columns = ALIKE.map(([type], index) => `c${index} ${type}`).join(', ');
  const row = (place: 1 | 2) => ALIKE.map((values) => `'${values[place]}'`).join(', ');
  const create = (name: string) =>
    `create table ${name} (id int primary key, ${columns}); insert into ${name} values (1, ${row(1)}), (2, ${row(2)});`;
  await setUp(there, create('orders') + create('orders_new'));
  expect(await compare({})).toMatchObject({ verdict: 'pass' });
  for (const index of ALIKE.keys()) {
    const column = `c${index}`;
    await there.query(`update orders_new n set ${column} = o.${column} from orders o where o.id = 3 - n.id`);
    expect(await compare({}), ALIKE[index]?.join(' ')).toMatchObject({
      verdict: 'fail',
      evidence: expect.stringMatching(/ 2 (?:different|temporal)/),
    });
    await there.query(`update orders_new n set ${column} = o.${column} from orders o where o.id = n.id`);
  }
  expect(await compare({})).toMatchObject({ verdict: 'pass' });
});

test('whichever rows are changed, deleted or added in tables of any key and content, exactly those are found', async () => {
  const change = fc.constantFrom('none', 'update', 'delete', 'insert');
  const table = fc.record({
    key: fc.constantFrom(...KEYS),
    rows: fc.array(fc.tuple(fc.option(fc.string({ unit: 'grapheme' })), change), {
      minLength: 1,
      maxLength: 40,
    }),
  });
  await fc.assert(
    fc.asyncProperty(table, async ({ key: [type, sql], rows }) => {
      const create = (name: string) =>
        `create table ${name} (k ${type} primary key, content text, list text[], extra jsonb);`;
      await setUp(there, create('orders') + create('orders_new'));
      const ids = (wanted: string) => rows.flatMap(([, kind], index) => (kind === wanted ? [index + 1] : []));
      await there.query(
        `insert into orders select ${sql}, t, array[t, null], to_jsonb(t) from unnest($1::text[]) with ordinality as u(t, n)`,
        [rows.map(([text]) => text?.replaceAll('\0', '') ?? null)],
      );
      const at = (list: string) => `(select ${sql} from unnest(${list}::bigint[]) n)`;
      await there.query('insert into orders_new select * from orders');
      await there.query(`delete from orders where k in ${at('$1')}`, [ids('insert')]);
      await there.query(`delete from orders_new where k in ${at('$1')}`, [ids('delete')]);
      await there.query(`update orders_new set list = list || 'more'::text where k in ${at('$1')}`, [
        ids('update'),
      ]);
      const { evidence, verdict } = await compare({});
      const number = (kind: string) => Number(new RegExp(`(\\d+) ${kind}`).exec(evidence)?.[1] ?? 0);
      expect([number('different'), number('missing'), number('extra')]).toEqual([
        ids('update').length,
        ids('delete').length,
        ids('insert').length,
      ]);
      expect(verdict).toBe(rows.every(([, kind]) => kind === 'none') ? 'pass' : 'fail');
    }),
    { numRuns: 10 },
  );
});
