/** A script is carried out in parts, and what it set for its session holds for the parts after that as well. */
import { expect, test } from 'vitest';
import { openSqlPlace } from './sql-place.js';

const sql = openSqlPlace();

const indexes = () =>
  sql.ask("select schemaname, indexname from pg_indexes where indexname like 'i%' order by 1, 2");

test('SET search_path holds for an index that is built concurrently after it, and for what follows that', async () => {
  await sql.ask('create schema shop; create table shop.ledger (what text)');
  const job = sql.job([
    'set search_path to shop',
    'create index concurrently i1 on ledger (what)',
    "insert into ledger values ('in shop')",
    'reset search_path',
    'create index concurrently i2 on ledger (what)',
    "select set_config('search_path', 'shop', false)",
    'create index concurrently i3 on ledger (what)',
  ]);
  expect(await sql.run(job)).toMatchObject({ outcome: 'done' });
  expect(await indexes()).toEqual([
    { schemaname: 'public', indexname: 'i2' },
    { schemaname: 'shop', indexname: 'i1' },
    { schemaname: 'shop', indexname: 'i3' },
  ]);
  expect(await sql.ask('select what from shop.ledger')).toEqual([{ what: 'in shop' }]);
  await sql.ask('drop schema shop cascade');
});

test('a repeat that finds the first parts done has their settings nevertheless', async () => {
  await sql.ask('create schema shop; create table shop.ledger (what text)');
  const job = sql.job(['set search_path to shop', 'create index concurrently i on ledger (what)']);
  await sql.run(job);
  await sql.ask("drop index shop.i; delete from sluice.journal where statement like 'create%'");
  expect(await sql.run(job, 2)).toMatchObject({ outcome: 'done' });
  expect(await indexes()).toEqual([{ schemaname: 'shop', indexname: 'i' }]);
  await sql.ask('drop schema shop cascade');
});

test('a role that a script takes on does not need rights on the journal for the parts after that', async () => {
  await sql.ask(
    'create role builder; grant all on schema public to builder; alter table ledger owner to builder',
  );
  const job = sql.job([
    'set role builder',
    'create index concurrently i on ledger (what)',
    'insert into ledger values (current_user)',
  ]);
  expect(await sql.run(job)).toMatchObject({ outcome: 'done' });
  expect(await sql.ask('select what from ledger')).toEqual([{ what: 'builder' }]);
  await sql.ask(
    'drop table ledger; drop owned by builder; drop role builder; create table ledger (what text)',
  );
});

test('a step may take longer than a timer or a statement_timeout can hold', async () => {
  const days = 24 * 3600 * 1000;
  const together = sql.job(["insert into ledger values ('a')"], { timeoutMs: 28 * days });
  expect(await sql.run(together)).toMatchObject({ outcome: 'done' });
  const alone = sql.job(['create index concurrently i on ledger (what)'], { timeoutMs: 365 * days });
  expect(await sql.run({ ...alone, key: { ...alone.key, index: 1 } })).toMatchObject({ outcome: 'done' });
});
