import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runSql } from '../../../activities/effects/sql/sql.js';
import type { SqlAction } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { scriptFile } from '../../support/script-file.js';
import { attempt, KEY, makePlace, type Place, reportedBy, runIn, shutDown, until } from '../support.js';

let postgres: Postgres;
let place: Place;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  place = await at(postgres.url);
  await ask(
    'drop schema if exists sluice cascade; drop schema public cascade; create schema public; create table ledger (what text)',
  );
});

async function at(url: string): Promise<Place> {
  return makePlace({ connections: { shop: { postgres: '${env:SHOP_URL}' } } }, { SHOP_URL: url });
}

async function ask(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    return (await client.query(text)).rows ?? [];
  } finally {
    await client.end();
  }
}

/** A transaction of somebody else that has written to the table; it ends with the test, or the next ones would wait for it. */
async function holdTheTable(): Promise<pg.Client> {
  const other = new pg.Client({ connectionString: postgres.url });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query("begin; insert into ledger values ('theirs')");
  return other;
}

async function count(): Promise<number> {
  return Number((await ask('select count(*) as n from ledger'))[0]?.n);
}

function sqlJob(
  statements: readonly string[] | SqlAction,
  more: Partial<EffectJob<SqlAction>> = {},
  where = place,
): EffectJob<SqlAction> {
  const action =
    'kind' in statements ? statements : ({ kind: 'sql', statements, connection: 'shop' } as const);
  return { context: where.context, key: KEY, action, timeoutMs: 20_000, ...more };
}

async function run(job: EffectJob<SqlAction>, number = 1): Promise<EffectOutcome> {
  return runIn(attempt(number), () => runSql(place.clients, job));
}

async function script(text: string, name = 'change.sql'): Promise<SqlAction> {
  await writeFile(join(place.workspace, name), text);
  return { kind: 'sql-script', ...scriptFile(place.workspace, name), connection: 'shop' };
}

test('statements take effect once, however often they are run', async () => {
  const job = sqlJob(["insert into ledger values ('a')", 'select 1 as one']);
  expect(await run(job)).toMatchObject({ outcome: 'done', output: 'INSERT 1\nSELECT 1\n  {"one":"1"}\n' });
  expect(await run({ ...job, key: { ...KEY, attempt: 2 } }, 2)).toMatchObject({
    outcome: 'done',
    output: expect.stringContaining('already applied'),
  });
  expect(await count()).toBe(1);
  await run({ ...job, key: { ...KEY, incarnation: 1 } });
  expect(await count()).toBe(2);
});

test('eight attempts at the same moment on a fresh database take effect once', async () => {
  const job = sqlJob(["insert into ledger values ('a')", 'select pg_sleep(0.05)']);
  const outcomes = await Promise.all(Array.from({ length: 8 }, (_, index) => run(job, index + 1)));
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(outcomes.map(() => 'done'));
  expect(await count()).toBe(1);
});

test('a statement that fails takes the others back, and says why', async () => {
  const outcome = await run(sqlJob(["insert into ledger values ('a')", 'insert into nowhere values (1)']));
  expect(outcome).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('relation "nowhere" does not exist'),
  });
  expect(await count()).toBe(0);
});

test('a script is split as Postgres reads it', async () => {
  const text =
    "-- é; \ninsert into ledger values ('é;');\ndo $$ begin insert into ledger values ('b'); end $$;\n\n";
  expect(await run(sqlJob(await script(text)))).toMatchObject({ outcome: 'done', output: 'INSERT 1\nDO\n' });
  expect(await ask('select what from ledger')).toEqual([{ what: 'é;' }, { what: 'b' }]);
});

test.each([
  ['a command of psql', 'select 1;\n\\d ledger', /line 2: "\\d" is a command of psql/],
  ['no SQL', 'select 1;\n\nselekt 2', /change\.sql line 3 is not valid SQL/],
  ['its own COMMIT', 'begin; select 1; commit;', /Remove BEGIN, COMMIT/],
])('a script with %s is refused before anything runs', async (_name, text, cause) => {
  expect(await run(sqlJob(await script(text)))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringMatching(cause),
  });
});

test('a script outside of the workspace is refused', async () => {
  const job = sqlJob({
    kind: 'sql-script',
    ...scriptFile(place.workspace, '../outside.sql'),
    connection: 'shop',
  });
  await writeFile(join(place.workspace, '../outside.sql'), 'select 1');
  expect(await run(job)).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('is outside the workspace'),
  });
});

test('a table held by others is waited for without holding them up', async () => {
  const other = await holdTheTable();
  const altered = run(sqlJob(['alter table ledger add column more text']));
  await until('it stepped back at least once', async () => {
    const [row] = await ask(
      "select count(*) as n from pg_stat_activity where application_name = 'sluice' and wait_event_type = 'Lock'",
    );
    return Number(row?.n) > 0;
  });
  // Behind a DDL that waits for ever, this would wait for ever as well.
  await ask("insert into ledger values ('traffic')");
  await other.query('commit');
  expect(await altered).toMatchObject({
    outcome: 'done',
    output: expect.stringMatching(/^waited \d+ times/),
  });
});

test('a table that stays held is a failure that says so, and nothing changes', async () => {
  await holdTheTable();
  // On a busy machine, connecting alone takes seconds; the lock is asked for within the time all the same.
  const timeoutMs = 15_000;
  place = {
    ...place,
    clients: { ...place.clients, limits: { ...place.clients.limits, lockTimeoutMs: 100 } },
  };
  const job = sqlJob(['alter table ledger add column more text'], { timeoutMs });
  expect(await run(job)).toMatchObject({
    outcome: 'failed',
    cause: expect.stringMatching(/timed out.*lock timeout/s),
  });
});

test('a run that stops a statement gets it rolled back at once', async () => {
  const environment = attempt();
  const result = runIn(environment, () =>
    runSql(place.clients, sqlJob(["insert into ledger values ('a')", 'select pg_sleep(60)'])),
  );
  await until(
    'it sleeps',
    async () => (await ask("select 1 from pg_stat_activity where wait_event = 'PgSleep'")).length > 0,
  );
  environment.cancel();
  expect(await result).toMatchObject({ outcome: 'failed', cause: expect.stringMatching(/^stopped: /) });
  expect(await count()).toBe(0);
});

test('a worker that shuts down rolls back and leaves the effect to the next one', async () => {
  const environment = attempt();
  const job = sqlJob(["insert into ledger values ('a')", 'select pg_sleep(0.4)']);
  const left = runIn(environment, () => runSql(place.clients, job));
  await until(
    'it sleeps',
    async () => (await ask("select 1 from pg_stat_activity where wait_event = 'PgSleep'")).length > 0,
  );
  shutDown(environment);
  await expect(left).rejects.toThrow('leaves the activity');
  expect(await run(job, 2)).toMatchObject({ outcome: 'done' });
  expect(await count()).toBe(1);
});

test('a statement that outlasts its time is cancelled', async () => {
  const outcome = await run(sqlJob(['select pg_sleep(60)'], { timeoutMs: 300 }));
  expect(outcome).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('timed out after 300 ms'),
  });
});

test('a connection that dies in the middle is opened again, and the effect happens once', async () => {
  const result = run(sqlJob(["insert into ledger values ('a')", 'select pg_sleep(0.5)']));
  await until(
    'it sleeps',
    async () => (await ask("select 1 from pg_stat_activity where wait_event = 'PgSleep'")).length > 0,
  );
  await ask("select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'");
  expect(await result).toMatchObject({ outcome: 'done' });
  expect(await count()).toBe(1);
});

test('a database that crashes and comes back has the effect once', async () => {
  place = {
    ...place,
    clients: { ...place.clients, limits: { ...place.clients.limits, unreachableMs: 20_000 } },
  };
  const result = run(sqlJob(["insert into ledger values ('a')", 'select pg_sleep(0.3)']));
  await until(
    'it sleeps',
    async () => (await ask("select 1 from pg_stat_activity where wait_event = 'PgSleep'")).length > 0,
  );
  await postgres.crash();
  await postgres.start();
  expect(await result).toMatchObject({ outcome: 'done' });
  expect(await count()).toBe(1);
});

test('a database out of reach: a failure at first, unknown when an earlier attempt may have committed', async () => {
  place = await at('postgres://bob:a-secret-word@127.0.0.1:1/shop');
  const outcome = await run(sqlJob(['select 1']));
  expect(outcome).toMatchObject({
    outcome: 'failed',
    cause: expect.stringMatching(/"shop" \(127\.0\.0\.1:1\/shop\).*Nothing was changed/s),
  });
  expect(JSON.stringify(outcome)).not.toContain('a-secret-word');
  expect(await run(sqlJob(['select 1']), 2)).toMatchObject({ outcome: 'unknown' });
});

test('a read replica and missing privileges are named as such', async () => {
  const url = new URL(postgres.url);
  url.searchParams.set('options', '-c default_transaction_read_only=on');
  place = await at(url.href);
  expect(await run(sqlJob(['select 1']))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('read replica'),
  });
  await ask(
    "drop role if exists guest; create role guest login password 'guest-password'; revoke create on database postgres from public",
  );
  place = await at(`postgres://guest:guest-password@127.0.0.1:${postgres.port}/postgres`);
  expect(await run(sqlJob(['select 1']))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringMatching(/journal.*Grant CREATE/s),
  });
  place = await at(`postgres://guest:wrong-password@127.0.0.1:${postgres.port}/postgres`);
  expect(await run(sqlJob(['select 1']))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('refuses the credentials'),
  });
  await ask('drop role guest');
});

test('secrets do not come back in output or errors', async () => {
  const outcome = await run(sqlJob([`select '${postgres.url}' as url`, 'select 1/0 as "postgres"']));
  expect(outcome.output).toContain('[redacted]');
  expect(JSON.stringify(outcome)).not.toContain('postgres:postgres@');
});

test('an index built concurrently is noted before and after', async () => {
  const job = sqlJob([
    "insert into ledger values ('a')",
    'create index concurrently i on ledger (what)',
    "insert into ledger values ('b')",
  ]);
  expect(await run(job)).toMatchObject({ outcome: 'done' });
  expect(await run(job, 2)).toMatchObject({ outcome: 'done' });
  expect(await count()).toBe(2);
  expect(await ask('select state from sluice.journal')).toEqual([
    { state: 'done' },
    { state: 'done' },
    { state: 'done' },
  ]);
});

test.each([
  [
    'an invalid index that was left behind is built anew',
    "update pg_index set indisvalid = false where indexrelid = 'i'::regclass",
    'CREATE',
  ],
  ['a valid index is taken as it is', 'select 1', 'already applied'],
  ['a missing index is built', 'drop index i', 'CREATE'],
])('after an intent without its end, %s', async (_name, damage, output) => {
  const job = sqlJob(['create index concurrently i on ledger (what)']);
  await run(job);
  await ask(`${damage}; update sluice.journal set state = 'intent'`);
  expect(await run(job, 2)).toMatchObject({ outcome: 'done', output: expect.stringContaining(output) });
  expect(await ask("select indisvalid from pg_index where indexrelid = 'i'::regclass")).toEqual([
    { indisvalid: true },
  ]);
  expect(await ask('select state from sluice.journal')).toEqual([{ state: 'done' }]);
});

test('an index that cannot be built leaves neither an invalid index nor an intent', async () => {
  await ask("insert into ledger values ('same'), ('same')");
  const outcome = await run(sqlJob(['create unique index concurrently u on ledger (what)']));
  expect(outcome).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('could not create unique index'),
  });
  expect(await ask("select to_regclass('u') as found")).toEqual([{ found: null }]);
  expect(await ask('select * from sluice.journal')).toEqual([]);
});

test('VACUUM runs again after an interruption; what cannot be told is unknown', async () => {
  const vacuum = sqlJob(['vacuum ledger']);
  await run(vacuum);
  await ask("update sluice.journal set state = 'intent'");
  expect(await run(vacuum, 2)).toMatchObject({ outcome: 'done' });
});

test('an attempt that reported its failure keeps a slower one from acting', async () => {
  const failing = sqlJob(['select 1/(select count(*) from ledger)']);
  expect(await run(failing, 2)).toMatchObject({ outcome: 'failed' });
  await ask("insert into ledger values ('now it would work')");
  expect(await run(failing, 1)).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('already reported'),
  });
  expect(await run({ ...failing, key: { ...KEY, attempt: 2 } }, 1)).toMatchObject({ outcome: 'done' });
});

test('a script that lasts reports how many of its statements are done and which one runs', async () => {
  await ask('create table brake (id int)');
  const holder = new pg.Client({ connectionString: postgres.url });
  await holder.connect();
  try {
    await holder.query('begin; lock table brake');
    const environment = attempt();
    const reported = reportedBy(environment);
    const job = sqlJob([
      "insert into ledger values ('a')",
      'vacuum ledger',
      "insert into ledger values ('b')",
      'delete from brake',
    ]);
    const outcome = runIn(environment, () => runSql(place.clients, job));
    await until('a heartbeat tells the statement', () =>
      reported.sentences.find((each) => each === '3 of 4 statements done, running: delete from brake'),
    );
    await holder.query('commit');
    expect(await outcome).toMatchObject({ outcome: 'done' });
  } finally {
    await holder.end();
  }
});
