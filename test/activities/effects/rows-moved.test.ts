/** An archival between two databases: each row is in one of them, or saved on the way, whatever is killed; and all of it comes back. */
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runRows } from '../../../activities/effects/rows/rows.js';
import type { RowsAction } from '../../../strategy/plan.js';
import { planOf, stepOf, strategyOf } from '../../strategy/support/compile-text.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, KEY, makePlace, type Place, runIn } from '../support.js';
import { attemptIn, untilDone } from './attempts.js';

let postgres: Postgres;
let shop: pg.Client;
let archive: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  shop = new pg.Client({ connectionString: postgres.url });
  await shop.connect();
  // Texts are sorted in another order there.
  await shop.query(
    "create database archive template template0 locale_provider icu icu_locale 'en' locale 'C'",
  );
  archive = new pg.Client({ connectionString: archiveUrl() });
  await archive.connect();
});
afterAll(async () => {
  await archive.end();
  await shop.end();
  await postgres.stop();
});

function archiveUrl(): string {
  return Object.assign(new URL(postgres.url), { pathname: 'archive' }).href;
}

const ITEM = `type: data_archival, source: { system: shop, tables: [orders] }, target: { system: archive, tables: [orders_old] },
  transformation_logic: { transformation_rules: ["where at < '2024-01-01 00:00:30+00'", "email = lower(orders.email)", "omit note"] }, execution_plan: { batch_size: 7 }`;
const [STEP] =
  planOf({
    bindings: 'connections: { shop: { postgres: "${env:SHOP}" }, archive: { postgres: "${env:ARCHIVE}" } }',
    strategy: strategyOf(
      stepOf('A', 1, 'x-uses: DATA-1\nresponsible_party: DBA', 'data_migration'),
      `data_migration: { migrations: [{ migration_id: DATA-1, ${ITEM} }] }`,
    ),
  }).phases[0]?.steps ?? [];

function rowsIn(actions: readonly { readonly kind: string }[] | undefined): readonly RowsAction[] {
  const isRows = (action: { readonly kind: string }): action is RowsAction => action.kind === 'rows';
  return (actions ?? []).filter(isRows);
}
/** As the plan has them. */
const MOVE = rowsIn(STEP?.actions);
const BACK = rowsIn(STEP?.undo.kind === 'actions' ? STEP.undo.actions : []);

const EMPTY = 'drop schema if exists sluice cascade; drop schema public cascade; create schema public;';
const ORDERS = `create table orders (code text, id int, email text, note text, at timestamptz, primary key (code, id));
insert into orders select case n % 3 when 0 then 'b' when 1 then 'B' else 'a' end, n, 'U' || n || E'\\u2603', 'x',
  '2024-01-01 00:00+00'::timestamptz + n * interval '1 s' from generate_series(1, 50) n;`;
/** An archive that has rows of its own, and a log of what is written. */
const OLD = `create table orders_old (code varchar(9), id bigint, email varchar(20), at timestamptz, primary key (code, id));
insert into orders_old values ('B', 0, 'archived long ago', null), ('a', 1000, null, null);
create table log (what text, id bigint);
create function note() returns trigger language plpgsql as $$ begin insert into log values (tg_op, coalesce(new.id, old.id)); return null; end $$;
create trigger t after insert or delete on orders_old for each row execute function note();`;
const OWN = ['(B,0,"archived long ago",)', '(a,1000,,)'];

let place: Place;
beforeEach(async () => {
  await shop.query(EMPTY + ORDERS);
  await archive.query(EMPTY + OLD);
  place = await makePlace({
    connections: { shop: { postgres: postgres.url }, archive: { postgres: archiveUrl() } },
  });
});

function jobOf(action: RowsAction, number = 1): EffectJob<RowsAction> {
  const key = { ...KEY, purpose: action.direction, attempt: number };
  return { context: place.context, key, action, timeoutMs: 300_000 };
}

function run(job: EffectJob<RowsAction>): Promise<EffectOutcome> {
  return runIn(attempt(), () => runRows(place.clients, job));
}

async function runAll(actions: readonly RowsAction[]): Promise<EffectOutcome | undefined> {
  let last: EffectOutcome | undefined;
  for (const action of actions) {
    last = await run(jobOf(action));
    if (last.outcome !== 'done') return last;
  }
  return last;
}

async function rows(client: pg.Client, query: string): Promise<readonly string[]> {
  return (await client.query(`select q::text as row from (${query}) q`)).rows
    .map(({ row }) => String(row))
    .toSorted();
}

test('the chosen rows leave one database and arrive in the other, beside those that are there, and come back', async () => {
  const wanted = await rows(shop, 'select code, id, lower(email), at from orders where id < 30');
  const before = await rows(shop, 'select * from orders');
  expect(MOVE.map(({ change }) => change.do)).toEqual(['deliver', 'delete', 'deliver']);
  expect(await runAll(MOVE)).toMatchObject({
    outcome: 'done',
    output: expect.stringContaining('orders: 29 rows read: 29 written'),
  });
  expect(await rows(shop, 'select id from orders where id < 30')).toEqual([]);
  expect(await rows(archive, 'select * from orders_old')).toEqual([...wanted, ...OWN].toSorted());
  expect(await runAll(BACK)).toMatchObject({ outcome: 'done' });
  expect(await rows(shop, 'select * from orders')).toEqual(before);
  expect(await rows(archive, 'select * from orders_old')).toEqual(OWN.toSorted());
});

test.each(['before-commit', 'after-commit', 'before-return'] as const)(
  'no row is lost or written twice when the worker dies %s, in each action and in each undo',
  async (fault) => {
    const before = await rows(shop, 'select * from orders');
    const wanted = await rows(shop, 'select code, id, lower(email), at from orders where id < 30');
    for (const actions of [MOVE, BACK]) {
      await archive.query('truncate log');
      for (const action of actions) {
        const job = jobOf(action);
        expect(await attemptIn(place, job, 1, fault).outcome).toBeNull();
        expect(await untilDone(place, job, 2)).toMatchObject({ outcome: 'done' });
      }
      const [count] = (
        await archive.query('select count(*)::int as n, count(distinct id)::int as different from log')
      ).rows;
      expect(count).toEqual({ n: 29, different: 29 });
      if (actions === MOVE)
        expect(await rows(archive, 'select * from orders_old')).toEqual([...wanted, ...OWN].toSorted());
    }
    expect(await rows(shop, 'select * from orders')).toEqual(before);
    expect(await rows(archive, 'select * from orders_old')).toEqual(OWN.toSorted());
  },
);

test('an archive that cannot take the rows is found before one of them is deleted', async () => {
  await archive.query('alter table orders_old drop column email, drop constraint orders_old_pkey');
  const outcome = await runAll(MOVE);
  expect(outcome).toMatchObject({ outcome: 'failed' });
  expect(outcome?.outcome === 'failed' && outcome.cause).toMatch(
    /no row was changed:\n.*"email".*\n(?:.*\n)*.*must have the same key/,
  );
  expect(await rows(shop, 'select id from orders')).toHaveLength(50);
});

test('a row whose key the archive has already is set aside, and the way back deletes what was moved and nothing else', async () => {
  await archive.query(
    "insert into orders_old values ('a', 2, 'of somebody else', null), ('b', 27, 'also', null)",
  );
  const own = await rows(archive, 'select * from orders_old');
  const before = await rows(shop, 'select * from orders');
  const outcome = await runAll(MOVE);
  expect(outcome).toMatchObject({ outcome: 'failed', cause: expect.stringContaining('refuses 2 rows') });
  expect(await runAll(BACK)).toMatchObject({ outcome: 'done' });
  expect(await rows(shop, 'select * from orders')).toEqual(before);
  expect(await rows(archive, 'select * from orders_old')).toEqual(own);
});

test('the way back after the delete alone takes no row of the archive, whatever keys it has', async () => {
  await archive.query("insert into orders_old values ('a', 2, 'of somebody else', null)");
  const own = await rows(archive, 'select * from orders_old');
  const before = await rows(shop, 'select * from orders');
  await runAll(MOVE.slice(0, 2));
  expect(await rows(shop, 'select id from orders')).toHaveLength(21);
  expect(await runAll(BACK)).toMatchObject({ outcome: 'done' });
  expect(await rows(shop, 'select * from orders')).toEqual(before);
  expect(await rows(archive, 'select * from orders_old')).toEqual(own);
});
