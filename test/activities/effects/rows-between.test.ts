/** Rows are copied from one database to another: each one once, whatever is killed, and every one accounted for. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runRows } from '../../../activities/effects/rows/rows.js';
import type { RowsAction } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, KEY, makePlace, type Place, runIn } from '../support.js';
import { attemptIn, untilDone } from './attempts.js';

let postgres: Postgres;
let there: pg.Client;
let here: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  there = new pg.Client({ connectionString: postgres.url });
  await there.connect();
  // Texts are sorted in another order there.
  await there.query(
    "create database other template template0 locale_provider icu icu_locale 'en' locale 'C'",
  );
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

const COPY: RowsAction = {
  kind: 'rows',
  item: 'DATA-1',
  connection: 'shop',
  to: 'other',
  source: { schema: 'public', table: 'orders' },
  change: { do: 'copy', target: { schema: 'public', table: 'orders_new' } },
  set: [
    { column: 'email', value: 'lower(email)' },
    { column: 'cents', value: 'total * 100' },
  ],
  omit: ['total'],
  where: '(id > 5)',
  direction: 'apply',
  batchSize: 7,
  ratePerSecond: null,
};

const SOURCE = `create table orders (code text, id int, email text, total numeric, at timestamptz, primary key (code, id));
insert into orders select case n % 3 when 0 then 'b' when 1 then 'B' else 'a' end, n, case when n % 4 > 0 then E'U\\t\\\\\\u2603' || n end, n * 1.5, '2024-01-01'::timestamptz + n * interval '1 s' from generate_series(1, 50) n;`;
const TARGET = `create table orders_new (code varchar(9), id bigint, email varchar(20), cents bigint not null, at timestamptz, primary key (code, id));`;

interface Bed {
  readonly place: Place;
  readonly job: (more: Partial<RowsAction>, attempt?: number) => EffectJob<RowsAction>;
}

async function bed(source = SOURCE, target = TARGET): Promise<Bed> {
  const empty = 'drop schema if exists sluice cascade; drop schema public cascade; create schema public;';
  await there.query(`${empty}${source}`);
  await here.query(`${empty}${target}`);
  const place = await makePlace({
    connections: { shop: { postgres: postgres.url }, other: { postgres: otherUrl() } },
  });
  return {
    place,
    job: (more, number = 1) => {
      const action = { ...COPY, ...more };
      const key = { ...KEY, purpose: action.direction, attempt: number };
      return { context: place.context, key, action, timeoutMs: 300_000 };
    },
  };
}

function run({ place }: Bed, job: EffectJob<RowsAction>): Promise<EffectOutcome> {
  return runIn(attempt(), () => runRows(place.clients, job));
}

async function rows(client: pg.Client, query: string): Promise<readonly string[]> {
  return (await client.query(`select q::text as row from (${query}) q`)).rows
    .map(({ row }) => String(row))
    .toSorted();
}

const WANTED = 'select code, id, lower(email), (total * 100)::bigint, at from orders where id > 5';

test.each([
  ['in binary form', ''],
  [
    'as text, for types of the database',
    'create domain code_type as varchar(9); alter table orders_new alter code type code_type;',
  ],
])(
  'a copy %s brings every chosen row once, in the types of the target, and is taken back',
  async (_, more) => {
    const here_ = await bed(SOURCE, TARGET + more);
    const outcome = await run(here_, here_.job({}));
    expect(outcome).toMatchObject({ outcome: 'done' });
    expect(outcome.output).toContain('50 rows read: 45 written, 5 filtered, 0 quarantined');
    expect(await rows(here, 'select * from orders_new')).toEqual(await rows(there, WANTED));
    // What is written to the target afterwards, behind the last key in its own order, is not the copy's.
    await here.query("insert into orders_new values ('c', 1, null, 0, null)");
    expect(await run(here_, here_.job({ direction: 'undo' }))).toMatchObject({ outcome: 'done' });
    expect(await rows(here, 'select code, id from orders_new')).toEqual(['(c,1)']);
  },
);

test.each(['before-commit', 'after-commit', 'before-return'] as const)(
  'no row is lost or written twice when the worker dies %s, in the copy and in its undo',
  async (fault) => {
    const here_ = await bed(
      SOURCE,
      `${TARGET} create table log (what text, id bigint);
      create function note() returns trigger language plpgsql as $$ begin insert into log values (tg_op, coalesce(new.id, old.id)); return null; end $$;
      create trigger t after insert or delete on orders_new for each row execute function note()`,
    );
    for (const direction of ['apply', 'undo'] as const) {
      await here.query('truncate log');
      const job = here_.job({ direction });
      expect(await attemptIn(here_.place, job, 1, fault).outcome).toBeNull();
      expect(await untilDone(here_.place, job, 2)).toMatchObject({ outcome: 'done' });
      const [count] = (
        await here.query('select count(*)::int as n, count(distinct id)::int as different from log')
      ).rows;
      expect(count).toEqual({ n: 45, different: 45 });
      if (direction === 'apply')
        expect(await rows(here, 'select * from orders_new')).toEqual(await rows(there, WANTED));
    }
    expect(await rows(here, 'select * from orders_new')).toEqual([]);
  },
);

test('connections that are cut on either side lose no row and write none twice', async () => {
  const here_ = await bed(
    `${SOURCE} insert into orders select 'c', n, 'x', n, now() from generate_series(100, 1500) n`,
    `${TARGET} create table log (id bigint);
      create function note() returns trigger language plpgsql as $$ begin insert into log values (new.id); return null; end $$;
      create trigger t after insert on orders_new for each row execute function note()`,
  );
  let copied = false;
  const copying = run(here_, here_.job({ ratePerSecond: 1_000 })).finally(() => {
    copied = true;
  });
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sluice' and datname = $1`;
  const progress = async () => Number((await here.query('select count(*) as n from orders_new')).rows[0].n);
  for (let round = 0; round < 8 && !copied; round += 1) {
    const before = await progress();
    while (!copied && (await progress()) === before) await new Promise((resolve) => setTimeout(resolve, 2));
    await here.query(cut, [round % 2 === 0 ? 'postgres' : 'other']);
  }
  expect(await copying).toMatchObject({ outcome: 'done' });
  expect(await rows(here, 'select * from orders_new')).toEqual(await rows(there, WANTED));
  const [count] = (
    await here.query('select count(*)::int as n, count(distinct id)::int as different from log')
  ).rows;
  expect(count).toEqual({ n: 1_446, different: 1_446 });
});

test('rows that the target refuses are set aside one by one, and a retry copies them once corrected', async () => {
  const here_ = await bed(
    `${SOURCE} update orders set total = null where id in (13, 40); update orders set email = repeat('x', 21) where id = 14`,
  );
  const outcome = await run(here_, here_.job({ where: null }));
  expect(outcome).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('50 rows read: 47 written, 0 filtered, 3 quarantined'),
  });
  const { rows: aside } = await here.query(
    "select (row ->> 'id')::int as id, sqlstate from sluice.quarantine order by 1",
  );
  expect(aside).toEqual([
    { id: 13, sqlstate: '23502' },
    { id: 14, sqlstate: '22001' },
    { id: 40, sqlstate: '23502' },
  ]);
  await there.query(
    "update orders set total = 1 where total is null; update orders set email = 'short' where id = 14",
  );
  expect((await run(here_, here_.job({ where: null }, 2))).output).toContain('50 rows read: 50 written');
});

test('everything that would stop a copy is said at once, before the first row', async () => {
  const here_ = await bed(
    'create table orders (id int primary key, lost text, name text)',
    'create table orders_new (id int primary key, name int); insert into orders_new values (1)',
  );
  const outcome = await run(
    here_,
    here_.job({ set: [{ column: 'name', value: 'nothing' }], omit: [], where: null }),
  );
  expect(outcome.outcome === 'failed' && outcome.cause).toMatch(
    /3 problems, and no row was changed:.*no column "lost".*is not empty.*column "nothing" does not exist/s,
  );
});
