/** A backup is proven before the item begins, and restores every row, once, through every kill; what that loses is asked first. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runEffect } from '../../../activities/effects/index.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { BackupAction, BackupTask, RowsAction } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, KEY, makePlace, type Place, runIn } from '../support.js';
import { untilDone } from './attempts.js';
import { killedAt } from './killed.js';

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

const table = (name: string) => ({ schema: 'public', table: name });

const SHOP = `create table customers (id int primary key, email text unique, boss int references customers on delete cascade,
  at timestamptz not null default now(), doc json, upper text generated always as (upper(email)) stored);
create table orders (shop int, id bigint generated always as identity, customer int references customers on delete cascade, total numeric, primary key (shop, id));
create function touch() returns trigger language plpgsql as $$ begin new.at := '2000-01-01'; return new; end $$;
create trigger touch before insert or update on customers for each row execute function touch();
insert into customers (id, email, boss, doc) select n, 'user' || n, nullif(n / 2, 0), '{"a": 1}' from generate_series(1, 200) n;
update customers set at = '2026-01-01 12:00:00.123456+02', email = case when id % 7 = 0 then null else email end;
insert into orders (shop, customer, total) select n % 3, 1 + n % 200, n * 1.50 from generate_series(1, 500) n;`;

/** What the item does: swaps unique values, moves children, deletes with cascades, adds rows. */
const ITEM = `update customers set email = email || '.x';
delete from customers where id in (9, 10);
insert into customers (id, email) values (1000, 'new');
update orders set customer = 1000 where id % 5 = 0;
update orders set total = total * 100;`;

const LATER = `update orders set total = 7 where id = 1; delete from orders where id = 2;
insert into orders (shop, customer, total) values (9, 1000, 1); insert into customers (id, email) values (1001, 'user9');`;

interface Bed {
  readonly place: Place;
  readonly job: (task: BackupTask, attempt?: number, more?: Partial<BackupAction>) => EffectJob<BackupAction>;
}

async function bed(setUp = SHOP): Promise<Bed> {
  await ask(
    `drop schema if exists sluice cascade; drop schema public cascade; create schema public; ${setUp}`,
  );
  const place = await makePlace({ connections: { shop: { postgres: postgres.url } } });
  const tables = [table('orders'), table('customers')];
  return {
    place,
    job: (task, number = 1, more = {}) => ({
      context: place.context,
      key: { ...KEY, purpose: task.do === 'restore' ? 'undo' : 'apply', attempt: number },
      timeoutMs: 60_000,
      action: { kind: 'backup', item: 'DATA-1', connection: 'shop', tables, transfers: [], task, ...more },
    }),
  };
}

function run({ place }: Bed, job: EffectJob<BackupAction>): Promise<EffectOutcome> {
  return runIn(attempt(), () => runEffect(place.clients, job));
}

async function done(here: Bed, task: BackupTask): Promise<EffectOutcome> {
  const outcome = await run(here, here.job(task));
  expect(outcome).toMatchObject({ outcome: 'done' });
  return outcome;
}

const MAKE = { do: 'make' } as const;
const MARK = { do: 'mark' } as const;
const restore = (approved: string | null = null): BackupTask => ({ do: 'restore', approved });

/** What has to be approved. */
async function lossesOf(here: Bed, approved: string | null = null) {
  const outcome = await run(here, here.job(restore(approved)));
  if (outcome.outcome !== 'done' || outcome.losses === undefined) throw new Error(JSON.stringify(outcome));
  return outcome.losses;
}

/** Everything that the two tables hold, and how they are guarded. */
async function whole(): Promise<unknown> {
  return {
    customers: await ask('select to_jsonb(c) as row from customers c order by id'),
    orders: await ask('select to_jsonb(o) as row from orders o order by shop, id'),
    triggers: await ask(
      "select tgname, tgenabled from pg_trigger where tgrelid in ('customers'::regclass, 'orders'::regclass) and not tgisinternal",
    ),
    keys: await ask(
      "select conname, condeferrable, condeferred, convalidated from pg_constraint where contype = 'f' order by 1",
    ),
  };
}

test('asks what is lost, with examples, then restores every row and keeps what it took out', async () => {
  const here = await bed();
  const before = await whole();
  expect(await done(here, MAKE)).toMatchObject({
    output: expect.stringMatching(/orders: 500 rows in .*restored on trial: equal/),
  });
  await ask(ITEM);
  await done(here, MARK);
  await ask(LATER);
  const found = await whole();
  const losses = await lossesOf(here);
  expect(losses.question).toMatch(/^Restore orders, customers as of .* 4 rows written after DATA-1 ended/);
  expect(losses.evidence.map(({ text, evidence }) => `${text}: ${evidence}`)).toEqual(
    expect.arrayContaining([
      'orders: rows written after the item ended: 3 (1 changed, 1 added, 1 deleted)',
      'customers ["1001"]: added',
    ]),
  );
  expect(await whole()).toEqual(found);
  expect(await done(here, restore(losses.state))).toMatchObject({
    output: expect.stringMatching(/orders: restored.*; later writes, in sluice.lost_.*: 2/),
  });
  expect(await whole()).toEqual(before);
  const kept = await ask(
    "select relname::text as name from pg_class where relname like 'lost\\_%' and relkind = 'r'",
  );
  const rows = await Promise.all(
    kept.map(({ name }) => ask(`select id::int from sluice.${String(name)} order by id`)),
  );
  expect(rows.flat()).toEqual(expect.arrayContaining([{ id: 1 }, { id: 1001 }]));
  expect(
    await ask("select relname from pg_class where relname ~ '^(backup|end|proof)_' and relkind = 'r'"),
  ).toEqual([]);
});

test('an approval is for the rows that were shown: after another write it asks again', async () => {
  const here = await bed();
  await done(here, MAKE);
  await ask(ITEM);
  await done(here, MARK);
  const { state } = await lossesOf(here);
  await ask('update orders set total = 8 where id = 3');
  const again = await lossesOf(here, state);
  expect(again.question).toMatch(/^Rows have changed since the last answer.* 1 row /);
  expect(await ask('select total::int from orders where id = 3')).toEqual([{ total: 8 }]);
  await done(here, restore(again.state));
  expect(await ask('select total::text from orders where id = 3')).toEqual([{ total: '4.50' }]);
});

test('an item that failed half-way is restored as well, and the question says that its writes cannot be told apart', async () => {
  const here = await bed();
  const before = await whole();
  await done(here, MAKE);
  await ask(ITEM);
  const { question, state } = await lossesOf(here);
  expect(question).toContain('DATA-1 did not end, so its own writes cannot be told from those of others');
  await done(here, restore(state));
  expect(await whole()).toEqual(before);
});

test('nothing is asked where nothing changed, and what never began does not begin any more', async () => {
  const here = await bed();
  await done(here, MAKE);
  expect(await done(here, restore())).not.toHaveProperty('losses');
  const later = await bed();
  expect(await done(later, restore())).not.toHaveProperty('losses');
  expect(await run(later, later.job(MAKE))).toMatchObject({ outcome: 'failed' });
  expect(await ask("select relname from pg_class where relname ~ '^backup_[0-9a-f]{32}$'")).toEqual([]);
});

const POINTS: readonly FaultPoint[] = ['before-commit', 'after-commit', 'before-return'];

test.each(POINTS)('backed up, noted and restored once when the worker dies %s', async (fault) => {
  const here = await bed();
  const before = await whole();
  const killed = async (task: BackupTask): Promise<void> => {
    await killedAt(here.place, here.job(task), fault);
  };
  await killed(MAKE);
  expect(await untilDone(here.place, here.job(MAKE), 2)).toMatchObject({ outcome: 'done' });
  await ask(ITEM);
  await killed(MARK);
  // A repeat must not take this for the item's own.
  if (fault !== 'before-commit') await ask(LATER);
  expect(await untilDone(here.place, here.job(MARK), 2)).toMatchObject({ outcome: 'done' });
  if (fault === 'before-commit') await ask(LATER);
  const losses = await lossesOf(here);
  expect(losses.question).toContain(' 4 rows written after');
  await killed(restore(losses.state));
  expect(await untilDone(here.place, here.job(restore(losses.state)), 2)).toMatchObject({ outcome: 'done' });
  expect(await whole()).toEqual(before);
  expect(await ask('select state from sluice.backup')).toEqual([{ state: 'restored' }]);
});

test('a backup that cannot be restored is found before the item begins, and so is what would stop the way back', async () => {
  const here =
    await bed(`create table customers (id int primary key, age int); insert into customers values (1, -1);
    alter table customers add constraint adult check (age > 0) not valid;
    create table orders (id int)`);
  const only = { tables: [table('customers')] };
  expect(await run(here, here.job(MAKE, 1, only))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('adult'),
  });
  expect(await run(here, here.job(MAKE))).toMatchObject({
    cause: expect.stringContaining('orders has no key'),
  });
  await ask('alter table customers drop constraint adult');
  await ask('create table notes (customer int references customers on delete cascade)');
  expect(await run(here, here.job(MAKE, 1, only))).toMatchObject({
    cause: expect.stringContaining('could change rows of notes'),
  });
  expect(await ask("select relname from pg_class where relname ~ '^(backup|proof)_[0-9a-f]{32}$'")).toEqual(
    [],
  );
});

test('neither a damaged backup nor one of other columns is restored', async () => {
  const here = await bed();
  await done(here, MAKE);
  await ask(ITEM);
  const { state } = await lossesOf(here);
  const [kept] = await ask(
    "select c.oid::regclass::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid where relname like 'backup\\_%' and attname = 'total'",
  );
  await ask(`delete from ${String(kept?.name)} where id = 1`);
  const found = await whole();
  expect(await run(here, here.job(restore(state)))).toMatchObject({
    cause: expect.stringContaining('has been changed since it was made'),
  });
  await ask('alter table orders add column note text');
  expect(await run(here, here.job(restore(state)))).toMatchObject({
    cause: expect.stringContaining('note text in the table only'),
  });
  await ask('alter table orders drop column note');
  expect(await whole()).toEqual(found);
});

test('a slow worker writes no batch of the item behind the restore', async () => {
  const here = await bed();
  const rows: RowsAction = {
    ...{
      kind: 'rows',
      item: 'DATA-1',
      connection: 'shop',
      source: table('orders'),
      change: { do: 'update' },
    },
    ...{ set: [{ column: 'total', value: 'total + 1' }], omit: [], where: null, direction: 'apply' },
    ...{ batchSize: 100, ratePerSecond: null },
  };
  const work = { ...here.job(MAKE), action: rows };
  const before = await whole();
  const transfers = { transfers: [rows.source] };
  await done(here, MAKE);
  await killedAt(here.place, work, 'after-commit');
  const asked = await run(here, here.job(restore(), 1, transfers));
  const approved = asked.outcome === 'done' ? asked.losses?.state : undefined;
  const undo = approved === undefined ? asked : await run(here, here.job(restore(approved), 1, transfers));
  expect(undo).toMatchObject({ outcome: 'done' });
  expect(await runIn(attempt(2), () => runEffect(here.place.clients, work))).toMatchObject({
    outcome: 'failed',
  });
  expect(await whole()).toEqual(before);
});
