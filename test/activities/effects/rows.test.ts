/** Rows are copied and changed in batches: each one once, whatever is killed, and every one accounted for. */
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runRows } from '../../../activities/effects/rows/rows.js';
import type { RowsAction } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, KEY, makePlace, type Place, runIn } from '../support.js';
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

async function ask(text: string): Promise<readonly Record<string, unknown>[]> {
  return (await client.query(text)).rows ?? [];
}

const BASE: RowsAction = {
  kind: 'rows',
  item: 'DATA-1',
  connection: 'shop',
  source: { schema: 'public', table: 'orders' },
  change: { do: 'copy', target: { schema: 'public', table: 'orders_new' } },
  set: [],
  omit: [],
  where: null,
  direction: 'apply',
  batchSize: 7,
  ratePerSecond: null,
};

interface Bed {
  readonly place: Place;
  readonly job: (more: Partial<RowsAction>, attempt?: number) => EffectJob<RowsAction>;
}

async function bed(setUp: string): Promise<Bed> {
  await ask(
    `drop schema if exists sluice cascade; drop schema public cascade; create schema public; ${setUp}`,
  );
  const place = await makePlace({ connections: { shop: { postgres: postgres.url } } });
  return {
    place,
    job: (more, number = 1) => {
      const action = { ...BASE, ...more };
      const purpose = action.direction;
      return { context: place.context, key: { ...KEY, purpose, attempt: number }, action, timeoutMs: 60_000 };
    },
  };
}

function run({ place }: Bed, job: EffectJob<RowsAction>): Promise<EffectOutcome> {
  return runIn(attempt(), () => runRows(place.clients, job));
}

const ORDERS = `create table orders (shop int, id bigint, email text, total numeric, primary key (shop, id));
insert into orders select n % 3, n, 'User' || n || '@X.org', n * 1.5 from generate_series(1, 50) n;`;
const ORDERS_NEW =
  'create table orders_new (shop int, id bigint, email text, cents bigint not null, primary key (shop, id));';
const COPY: Partial<RowsAction> = {
  set: [
    { column: 'email', value: 'lower(email)' },
    { column: 'cents', value: '(total * 100)::bigint' },
  ],
  omit: ['total'],
  where: '(id > 5)',
};
const UPDATE: Partial<RowsAction> = {
  change: { do: 'update' },
  set: [{ column: 'email', value: 'lower(email)' }],
  where: '(shop <> 0)',
};

test('a copy transforms the chosen rows, accounts for all of them, and is taken back', async () => {
  const here = await bed(ORDERS + ORDERS_NEW);
  const outcome = await run(here, here.job(COPY));
  expect(outcome).toMatchObject({ outcome: 'done' });
  expect(outcome.output).toContain('50 rows read: 45 written, 5 filtered, 0 quarantined');
  expect(
    await ask(
      `select count(*)::int as wrong from (select shop, id, lower(email), (total * 100)::bigint from orders where id > 5
        except all select * from orders_new) d`,
    ),
  ).toEqual([{ wrong: 0 }]);
  expect(await ask('select count(*)::int as n from orders_new')).toEqual([{ n: 45 }]);
  expect((await run(here, here.job(COPY))).output).toContain('already done');
  expect(await run(here, here.job({ ...COPY, direction: 'undo' }))).toMatchObject({ outcome: 'done' });
  expect(await ask('select count(*)::int as n from orders_new')).toEqual([{ n: 0 }]);
});

const CHANGES: readonly (readonly [string, Partial<RowsAction>, string])[] = [
  ['an update', UPDATE, "select count(*)::int as n from orders where email like 'user%'"],
  [
    'a clean-up',
    { change: { do: 'delete' }, where: '(id > 20)' },
    'select 50 - count(*)::int as n from orders',
  ],
  [
    'an archival',
    { change: { do: 'archive', target: { schema: 'public', table: 'orders_old' } }, where: '(id > 20)' },
    'select count(*)::int as n from orders_old where (shop, id) not in (select shop, id from orders)',
  ],
];
const OLD = 'create table orders_old (like orders including all);';
const FINGERPRINT = "select md5(string_agg(o::text, '|' order by shop, id)) as hash from orders o";

test.each(CHANGES)('%s and its undo leave every row exactly as it was', async (_, change, changed) => {
  const here = await bed(ORDERS + OLD);
  const before = await ask(FINGERPRINT);
  expect(await run(here, here.job(change))).toMatchObject({ outcome: 'done' });
  expect((await ask(changed))[0]?.n).toBeGreaterThan(25);
  expect(await run(here, here.job({ ...change, direction: 'undo' }))).toMatchObject({ outcome: 'done' });
  expect(await ask(FINGERPRINT)).toEqual(before);
  expect(await ask('select count(*)::int as n from orders_old')).toEqual([{ n: 0 }]);
  // Nothing is left to undo, and saying so again changes nothing.
  expect(await run(here, here.job({ ...change, direction: 'undo' }))).toMatchObject({ outcome: 'done' });
});

test('an undo leaves alone what somebody wrote since, and says where the previous rows are', async () => {
  const here = await bed(ORDERS);
  await run(here, here.job(UPDATE));
  await ask("update orders set email = 'new@x.org' where id = 10; update orders set total = 0 where id = 11");
  const outcome = await run(here, here.job({ ...UPDATE, direction: 'undo' }));
  expect(outcome).toMatchObject({
    outcome: 'failed',
    cause: expect.stringMatching(/1 rows of orders.*sluice\."saved_/),
  });
  expect(await ask('select id::int, email, total from orders where id in (10, 11) order by id')).toEqual([
    { id: 10, email: 'new@x.org', total: '15.0' },
    { id: 11, email: 'User11@X.org', total: '0' },
  ]);
});

test('an undo of what never began is harmless, and the change does not begin after it', async () => {
  const here = await bed(ORDERS);
  expect(await run(here, here.job({ ...UPDATE, direction: 'undo' }))).toMatchObject({ outcome: 'done' });
  expect(await run(here, here.job(UPDATE))).toMatchObject({ outcome: 'failed' });
  expect(await ask("select count(*)::int as n from orders where email like 'user%'")).toEqual([{ n: 0 }]);
});

test('rows that the database refuses are set aside one by one, and a retry copies them once corrected', async () => {
  const here = await bed(`${ORDERS}${ORDERS_NEW} update orders set total = null where id in (13, 14, 40)`);
  const copy = { ...COPY, where: null };
  const outcome = await run(here, here.job(copy));
  expect(outcome).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('50 rows read: 47 written, 0 filtered, 3 quarantined'),
  });
  expect(await ask("select (row ->> 'id')::int as id, sqlstate from sluice.quarantine order by 1")).toEqual([
    { id: 13, sqlstate: '23502' },
    { id: 14, sqlstate: '23502' },
    { id: 40, sqlstate: '23502' },
  ]);
  await ask('update orders set total = 1 where total is null');
  const retried = await run(here, here.job(copy, 2));
  expect(retried.output).toContain('50 rows read: 50 written, 0 filtered, 0 quarantined');
  expect(await ask('select count(*)::int as n from orders_new')).toEqual([{ n: 50 }]);
});

test('everything that would stop a transfer is said at once, before the first row', async () => {
  const here = await bed(
    'create table orders (id int, name text, lost text); create table orders_new (id int, name int); insert into orders_new values (1, 1)',
  );
  const outcome = await run(here, here.job({}));
  expect(outcome.outcome === 'failed' && outcome.cause).toMatch(
    /3 problems, and no row was changed:.*has no key.*no column "lost".*is not empty/s,
  );
  const fits = await bed(
    'create table orders (id int primary key, name text); create table orders_new (id int primary key, name int)',
  );
  expect(await run(fits, fits.job({}))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('"name" is of type integer but expression is of type text'),
  });
  const parent = await bed(
    'create table orders (id int primary key); create table items (o int references orders on delete cascade)',
  );
  expect(await run(parent, parent.job({ change: { do: 'delete' }, where: '(id > 1)' }))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('would change rows of items'),
  });
});

test('rows that a trigger drops without an error fail the step instead of vanishing', async () => {
  const here = await bed(`${ORDERS}${ORDERS_NEW}
    create function drop_it() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger t before insert on orders_new for each row when (new.id = 30) execute function drop_it()`);
  expect(await run(here, here.job(COPY))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('vanished without an error'),
  });
});

test('writes to the source behind the copy are found', async () => {
  const here = await bed(`${ORDERS}${ORDERS_NEW}
    create function late() returns trigger language plpgsql as $$ begin insert into orders values (0, 0, '', 0); return new; end $$;
    create trigger t before insert on orders_new for each row when (new.id = 30) execute function late()`);
  expect(await run(here, here.job(COPY))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('somebody wrote to it during the copy'),
  });
});

test.each(['before-commit', 'after-commit', 'before-return'] as const)(
  'no row is lost or written twice when the worker dies %s, in the change and in the undo',
  async (fault) => {
    const here = await bed(`${ORDERS} create table log (id bigint);
      create function note() returns trigger language plpgsql as $$ begin insert into log values (new.id); return new; end $$;
      create trigger t after update on orders for each row execute function note()`);
    const before = await ask(FINGERPRINT);
    for (const direction of ['apply', 'undo'] as const) {
      await ask('truncate log');
      const job = here.job({ ...UPDATE, direction });
      expect(await attemptIn(here.place, job, 1, fault).outcome).toBeNull();
      expect(await untilDone(here.place, job, 2)).toMatchObject({ outcome: 'done' });
      expect(await ask('select count(*)::int as n, count(distinct id)::int as different from log')).toEqual([
        { n: 34, different: 34 },
      ]);
    }
    expect(await ask(FINGERPRINT)).toEqual(before);
  },
);

const KEYS: readonly (readonly [string, string])[] = [
  ['int', '(n * 7919) % 100003'],
  ['text collate "C"', "chr(9731 + n::int) || '\"\\,{}' || n"],
  ['timestamptz', "timestamptz '2020-01-01 00:00:00.123456+02' + n * interval '1 day 1 microsecond'"],
  ['uuid', 'md5(n::text)::uuid'],
  ['float8', 'n / 3.0::float8'],
  ['bytea', "decode(md5(n::text), 'hex')"],
];

test('tables of any key and content come out equal, and an update of them is taken back exactly', async () => {
  const table = fc.record({
    keys: fc.uniqueArray(fc.constantFrom(...KEYS), {
      minLength: 1,
      maxLength: 3,
      selector: ([type]) => type,
    }),
    texts: fc.array(fc.option(fc.string({ unit: 'grapheme' })), {
      minLength: 1,
      maxLength: 30,
    }),
    batchSize: fc.integer({ min: 1, max: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(table, async ({ keys, texts, batchSize }) => {
      const columns = keys.map(([type], index) => `k${index} ${type}`).join(', ');
      const names = keys.map((_, index) => `k${index}`).join(', ');
      const create = (name: string): string =>
        `create table ${name} (${columns}, content text, list text[], extra jsonb, primary key (${names}));`;
      const here = await bed(create('orders') + create('orders_new'));
      await client.query(
        `insert into orders select ${keys.map(([, sql]) => sql).join(', ')}, t, array[t, null], to_jsonb(t)
          from unnest($1::text[]) with ordinality as u(t, n)`,
        [texts.map((text) => text)],
      );
      expect(await run(here, here.job({ batchSize }))).toMatchObject({ outcome: 'done' });
      const rows = (name: string) => ask(`select t::text as row from ${name} t order by 1`);
      const before = await rows('orders');
      expect(await rows('orders_new')).toEqual(before);
      const set = [
        { column: 'content', value: "upper(coalesce(content, 'none'))" },
        { column: 'list', value: "list || 'more'::text" },
      ];
      const update = { item: 'DATA-2', change: { do: 'update' }, set, batchSize } as const;
      expect(await run(here, here.job(update))).toMatchObject({ outcome: 'done' });
      expect(await run(here, here.job({ ...update, direction: 'undo' }))).toMatchObject({ outcome: 'done' });
      expect(await rows('orders')).toEqual(before);
    }),
    { numRuns: 15 },
  );
});
