import { expect, test } from 'vitest';
import { KEY } from '../support.js';
import { openSqlPlace } from './sql-place.js';

const sql = openSqlPlace();
const BUILD = 'create index concurrently i on ledger (what)';
const states = () => sql.ask('select state from sluice.journal order by at, key');
const indexes = () =>
  sql.ask("select indisvalid as valid from pg_index where indrelid = 'ledger'::regclass order by indexrelid");

test('a build that is cut off in the middle leaves an invalid index, which is removed and built anew', async () => {
  const reader = await sql.client();
  await reader.query('begin isolation level repeatable read; select * from ledger');
  const built = sql.run(sql.job([BUILD]));
  await sql.waits('create index concurrently');
  await sql.ask("select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'create index%'");
  // The next try finds the invalid index and drops it, which waits for the same reader.
  await sql.waits('drop index concurrently');
  expect(await indexes()).toEqual([{ valid: false }]);
  await reader.query('commit');
  expect(await built).toMatchObject({ outcome: 'done' });
  expect(await indexes()).toEqual([{ valid: true }]);
  expect(await states()).toEqual([{ state: 'done' }]);
});

test('a build that runs out of time under a long transaction leaves nothing behind', async () => {
  const reader = await sql.client();
  await reader.query('begin isolation level repeatable read; select * from ledger');
  const built = sql.run(sql.job([BUILD], { timeoutMs: 1_000 }));
  await sql.waits('drop index concurrently');
  await reader.query('commit');
  expect(await built).toMatchObject({ outcome: 'failed', cause: expect.stringContaining('timed out') });
  expect(await indexes()).toEqual([]);
  expect(await states()).toEqual([]);
});

test('a build never removes the index of others, not even an invalid one', async () => {
  await sql.ask(BUILD);
  await sql.ask("update pg_index set indisvalid = false where indexrelid = 'i'::regclass");
  expect(await sql.run(sql.job([BUILD]))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('already exists'),
  });
  expect(await indexes()).toEqual([{ valid: false }]);
  expect(await states()).toEqual([]);
});

test('IF NOT EXISTS does not pass off an invalid index as done', async () => {
  await sql.ask(BUILD);
  await sql.ask("update pg_index set indisvalid = false where indexrelid = 'i'::regclass");
  const job = sql.job(['create index concurrently if not exists i on ledger (what)']);
  expect(await sql.run(job)).toMatchObject({
    outcome: 'failed',
    cause: expect.stringMatching(/public\.i .*invalid.*DROP INDEX CONCURRENTLY public\.i/),
  });
  await sql.ask('drop index i');
  expect(await sql.run({ ...job, key: { ...KEY, attempt: 2 } })).toMatchObject({ outcome: 'done' });
  expect(await indexes()).toEqual([{ valid: true }]);
});

test('eight attempts at the same moment build one index', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, (_, index) => sql.run(sql.job([BUILD]), index + 1)),
  );
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(outcomes.map(() => 'done'));
  expect(await indexes()).toEqual([{ valid: true }]);
});

test('while a lost attempt still runs on the server, nobody begins another', async () => {
  const reader = await sql.client();
  await reader.query('begin isolation level repeatable read; select * from ledger');
  const lost = await sql.client();
  const key = 'run-1/execution-1/STEP-1/apply/0/0';
  await lost.query('select pg_advisory_lock(hashtextextended($1, 0))', [key]);
  const building = lost.query(BUILD);
  await sql.waits('create index concurrently');
  const repeated = sql.run(sql.job([BUILD]), 2);
  await reader.query('commit');
  await building;
  expect(await indexes()).toEqual([{ valid: true }]);
  await lost.query('select pg_advisory_unlock_all()');
  // It left no intent here, so the second attempt meets a finished index of that name, which is not its own.
  expect(await repeated).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('already exists'),
  });
});

test.each([
  ['DROP INDEX CONCURRENTLY', BUILD, 'drop index concurrently i', "to_regclass('i') is null"],
  ['REINDEX CONCURRENTLY', BUILD, 'reindex index concurrently i', "to_regclass('i') is not null"],
  [
    'CREATE DATABASE',
    'select 1',
    'create database other',
    "exists (select 1 from pg_database where datname = 'other')",
  ],
  [
    'DROP DATABASE',
    'select 1',
    'drop database other',
    "not exists (select 1 from pg_database where datname = 'other')",
  ],
  ['VACUUM', 'select 1', 'vacuum (analyze) ledger', 'true'],
  ['ALTER SYSTEM', 'select 1', "alter system set work_mem = '8MB'", 'true'],
])('%s is run once, and found again after an intent without its end', async (_name, before, text, holds) => {
  await sql.ask(before);
  const job = sql.job([text]);
  expect(await sql.run(job)).toMatchObject({ outcome: 'done' });
  expect(await sql.ask(`select ${holds} as holds`)).toEqual([{ holds: true }]);
  expect(await sql.run(job, 2)).toMatchObject({ output: expect.stringContaining('already applied') });
  await sql.ask("update sluice.journal set state = 'intent'");
  expect(await sql.run(job, 2)).toMatchObject({ outcome: 'done' });
  expect(await sql.ask(`select ${holds} as holds`)).toEqual([{ holds: true }]);
  expect(await states()).toEqual([{ state: 'done' }]);
});

const DETACH = 'alter table measures detach partition measures_1 concurrently';

test('what cannot be told is unknown, and runs once somebody said that it did not happen', async () => {
  await sql.ask(
    'create table measures (n int) partition by range (n); create table measures_1 partition of measures for values from (0) to (10)',
  );
  const job = sql.job([DETACH]);
  await sql.run(job);
  await sql.ask("update sluice.journal set state = 'intent'");
  expect(await sql.run(job, 2)).toMatchObject({
    outcome: 'unknown',
    cause: expect.stringMatching(/"shop" .*its result is unknown.*answer whether it happened/),
  });
  await sql.ask('alter table measures attach partition measures_1 for values from (0) to (10)');
  const again = { ...job, key: { ...KEY, attempt: 2 } };
  expect(await sql.run(again)).toMatchObject({ outcome: 'done' });
  expect(await sql.ask("select 1 from pg_inherits where inhrelid = 'measures_1'::regclass")).toEqual([]);
  expect(await sql.ask('select state, attempt from sluice.journal')).toEqual([{ state: 'done', attempt: 2 }]);
  // The answer was given for the first attempt's intent, not for one that the second may leave.
  await sql.ask("update sluice.journal set state = 'intent'");
  expect(await sql.run(again, 2)).toMatchObject({ outcome: 'unknown' });
});

test('a new enum value can be used by the statement after it', async () => {
  await sql.ask("create type mood as enum ('calm')");
  const job = sql.job([
    "insert into ledger values ('before')",
    "alter type mood add value if not exists 'tense'",
    "insert into ledger values ('tense'::mood::text)",
  ]);
  expect(await sql.run(job)).toMatchObject({ outcome: 'done' });
  expect(await sql.run(job, 2)).toMatchObject({ outcome: 'done' });
  expect(await sql.ask('select what from ledger')).toEqual([{ what: 'before' }, { what: 'tense' }]);
  expect(await states()).toEqual([{ state: 'done' }, { state: 'done' }]);
});
