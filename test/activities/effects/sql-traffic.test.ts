/** SQL among other people's transactions: nobody is held up for longer than the lock timeout, and nothing is lost or doubled. */
import { expect, test } from 'vitest';
import { KEY, until } from '../support.js';
import { openSqlPlace } from './sql-place.js';

const sql = openSqlPlace();

/** Twenty times the tests' lock timeout: a query that takes longer was held up by a change that queues for its lock. */
const STALLED_MS = 2_000;

test('a change waits for a long transaction while everybody else continues', async () => {
  const holder = await sql.client();
  await holder.query("begin; insert into ledger values ('held')");
  const changed = sql.run(sql.job(['alter table ledger add column more text'], { timeoutMs: 60_000 }));
  let over = false;
  const traffic = async (): Promise<{ done: number; stalled: number }> => {
    const client = await sql.client();
    await client.query(`set statement_timeout = ${STALLED_MS}`);
    const seen = { done: 0, stalled: 0 };
    while (!over) {
      const stalled = await client.query("insert into ledger values ('traffic')").then(
        () => false,
        () => true,
      );
      seen[stalled ? 'stalled' : 'done'] += 1;
    }
    return seen;
  };
  const others = [traffic(), traffic(), traffic()];
  // The change was refused its lock, stepped back and came again: each time it queued, and each time it left the queue.
  let queued = 0;
  let inQueue = false;
  await until('the change to queue for its lock four times', async () => {
    const waits = await sql.ask(
      "select 1 from pg_stat_activity where query like 'alter table%' and wait_event_type = 'Lock'",
    );
    if (waits.length > 0 && !inQueue) queued += 1;
    inQueue = waits.length > 0;
    return queued >= 4;
  });
  over = true;
  const seen = await Promise.all(others);
  await holder.query('commit');
  const outcome = await changed;
  expect(outcome).toMatchObject({ outcome: 'done' });
  expect(Number(/^waited (\d+) times/.exec(outcome.output)?.[1])).toBeGreaterThanOrEqual(3);
  expect(seen.map(({ stalled }) => stalled)).toEqual([0, 0, 0]);
  const done = seen.reduce((sum, { done }) => sum + done, 0);
  expect(done).toBeGreaterThan(0);
  expect(await sql.count()).toBe(done + 1);
});

test('colliding serializable transactions are repeated until each has counted once', async () => {
  const url = new URL(sql.postgres().url);
  url.searchParams.set('options', '-c default_transaction_isolation=serializable');
  await sql.connect(url.href);
  await sql.ask('create table stock (n int); insert into stock values (0)');
  const take = (index: number) =>
    sql.job(['select n from stock', 'select pg_sleep(0.02)', 'update stock set n = n + 1'], {
      key: { ...KEY, index },
      timeoutMs: 60_000,
    });
  const outcomes = await Promise.all(Array.from({ length: 8 }, (_, index) => sql.run(take(index))));
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(outcomes.map(() => 'done'));
  expect(outcomes.some(({ output }) => output.startsWith('waited'))).toBe(true);
  expect(await sql.ask('select n from stock')).toEqual([{ n: 8 }]);
});

test('a deadlock costs a repeat, not the step', async () => {
  await sql.ask('create table left_side (n int); create table right_side (n int)');
  const lock = (one: string, other: string, index: number) =>
    sql.job(
      [
        `lock table ${one}`,
        'select pg_sleep(0.05)',
        `lock table ${other}`,
        `insert into ledger values ('${one}')`,
      ],
      { key: { ...KEY, index } },
    );
  const outcomes = await Promise.all([
    sql.run(lock('left_side', 'right_side', 0)),
    sql.run(lock('right_side', 'left_side', 1)),
  ]);
  expect(outcomes).toMatchObject([{ outcome: 'done' }, { outcome: 'done' }]);
  expect(await sql.count()).toBe(2);
});

test('connections that are cut again and again cost repeats, not effects', async () => {
  const CUTS = 4;
  await sql.ask('create table cuts (n int)');
  // Sleeps until it is cut; after the last cut it does not sleep any more.
  const sleep = `select pg_sleep(case when (select count(*) from cuts) < ${CUTS} then 600 else 0 end)`;
  const result = sql.run(sql.job(["insert into ledger values ('a')", sleep], { timeoutMs: 300_000 }));
  const sleeping =
    "select pid from pg_stat_activity where application_name = 'sluice' and wait_event = 'PgSleep'";
  const cut = new Set<unknown>();
  while (cut.size < CUTS) {
    // One that was cut a moment ago may still be on its way out.
    const pid = (await sql.ask(sleeping)).map((row) => row.pid).find((each) => !cut.has(each));
    if (pid === undefined) continue;
    cut.add(pid);
    await sql.ask(`insert into cuts values (${cut.size})`);
    await sql.ask(`select pg_terminate_backend(${pid})`);
  }
  expect(await result).toMatchObject({ outcome: 'done' });
  expect(await sql.count()).toBe(1);
});

test('a transaction that its frozen worker left open is ended by the server', async () => {
  const job = sql.job(["insert into ledger values ('a')"]);
  const result = sql.run(job);
  expect(await result).toMatchObject({ outcome: 'done' });
  // Whoever comes second waits for the first one's transaction, and finds its row.
  const open = await sql.client();
  await open.query("begin; set local idle_in_transaction_session_timeout = '200ms'");
  await open.query("delete from sluice.journal; insert into ledger values ('b')");
  expect(await sql.run(job, 2)).toMatchObject({
    outcome: 'done',
    output: expect.stringContaining('already'),
  });
  expect(await sql.count()).toBe(1);
});
