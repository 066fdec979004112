/** Effects happen exactly once although the worker, the supervisor or the command is killed at any instant. */
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EffectJob } from '../../../activities/contract.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import { jobFolder } from '../../../strategy/layout.js';
import type { SqlAction } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { commandJob, KEY, lines, makePlace, type Place } from '../support.js';
import { attemptIn, untilDone } from './attempts.js';

const COMMAND_POINTS: readonly FaultPoint[] = [
  'before-job-folder',
  'after-job-folder',
  'before-spawn',
  'after-spawn',
  'before-claim',
  'after-claim',
  'before-started',
  'after-exit-file',
  'before-return',
];

test.each(COMMAND_POINTS)('a command takes effect once when something dies %s', async (fault) => {
  const place = await makePlace();
  const job = commandJob(place, 'echo once >> ledger');
  await attemptIn(place, job, 1, fault).outcome;
  expect(await untilDone(place, job, 2)).toMatchObject({ outcome: 'done' });
  expect(await lines(join(place.workspace, 'ledger'))).toEqual(['once']);
});

test.each(['after-started', 'before-exit-file'] as const)(
  'nobody guesses when the supervisor dies %s: the outcome is unknown, and nothing happens twice',
  async (fault) => {
    const place = await makePlace();
    const job = commandJob(place, 'echo once >> ledger');
    await attemptIn(place, job, 1, fault).outcome;
    expect(await untilDone(place, job, 2)).toMatchObject({ outcome: 'unknown' });
    expect((await lines(join(place.workspace, 'ledger'))).length).toBeLessThanOrEqual(1);
  },
);

test('workers killed again and again at random instants leave one effect and its result', async () => {
  const place = await makePlace();
  for (let round = 0; round < 8; round += 1) {
    const job = commandJob(place, `sleep 0.1; echo ${round} >> ledger`, { key: { ...KEY, index: round } });
    for (let number = 1; number <= 2; number += 1) {
      const victim = attemptIn(place, job, number);
      setTimeout(() => victim.process.kill('SIGKILL'), 250 + Math.random() * 400);
      await victim.outcome;
    }
    expect(await untilDone(place, job, 3)).toMatchObject({ outcome: 'done' });
  }
  expect(await lines(join(place.workspace, 'ledger'))).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
});

test('a worker frozen while another does its work does not do it again when it wakes', async () => {
  const place = await makePlace();
  const job = commandJob(place, 'echo once >> ledger');
  const frozen = attemptIn(place, job, 1);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 500));
  frozen.process.kill('SIGSTOP');
  expect(await untilDone(place, job, 2)).toMatchObject({ outcome: 'done' });
  frozen.process.kill('SIGCONT');
  expect(await frozen.outcome).toMatchObject({ outcome: 'done' });
  expect(await lines(join(place.workspace, 'ledger'))).toEqual(['once']);
});

test('a command killed with -9 is a failure that says so', async () => {
  const place = await makePlace();
  const job = commandJob(place, 'kill -9 $$');
  expect(await untilDone(place, job, 1)).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('was killed (SIGKILL)'),
  });
  const folder = jobFolder(place.home, 'run-1', 'execution-1', KEY);
  const claims = (await readdir(folder)).filter((name) => name.startsWith('claim'));
  expect(claims).toEqual(['claim-1']);
  expect(await readlink(join(folder, 'claim-1'))).toMatch(/^\d+\.\d+\./);
});

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

async function ask(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    return (await client.query(text)).rows ?? [];
  } finally {
    await client.end();
  }
}

async function shop(statements: readonly string[]): Promise<{ place: Place; job: EffectJob<SqlAction> }> {
  await ask(
    'drop schema if exists sluice cascade; drop table if exists ledger; create table ledger (what text)',
  );
  const place = await makePlace({ connections: { shop: { postgres: postgres.url } } });
  const action = { kind: 'sql', statements, connection: 'shop' } as const;
  return { place, job: { context: place.context, key: KEY, action, timeoutMs: 30_000 } };
}

const SQL_POINTS: readonly FaultPoint[] = [
  'before-journal-row',
  'after-journal-row',
  'before-commit',
  'after-commit',
  'before-return',
];

test.each(SQL_POINTS)('SQL takes effect once when the worker dies %s', async (fault) => {
  const { place, job } = await shop(["insert into ledger values ('once')"]);
  expect(await attemptIn(place, job, 1, fault).outcome).toBeNull();
  expect(await untilDone(place, job, 2)).toMatchObject({ outcome: 'done' });
  expect(await ask('select what from ledger')).toEqual([{ what: 'once' }]);
});

test.each(SQL_POINTS)('an index is built concurrently once when the worker dies %s', async (fault) => {
  const { place, job } = await shop(['create index concurrently i on ledger (what)']);
  expect(await attemptIn(place, job, 1, fault).outcome).toBeNull();
  expect(await untilDone(place, job, 2)).toMatchObject({ outcome: 'done' });
  expect(await ask("select indisvalid from pg_index where indrelid = 'ledger'::regclass")).toEqual([
    { indisvalid: true },
  ]);
});

test('a worker killed while an index is being built leaves it to the next one', async () => {
  const { place, job } = await shop(['create index concurrently i on ledger (what)']);
  // An older transaction that has seen the table keeps the statement waiting.
  const other = new pg.Client({ connectionString: postgres.url });
  await other.connect();
  await other.query("begin; insert into ledger values ('theirs')");
  const victim = attemptIn(place, job, 1);
  for (;;) {
    const waiting = await ask(
      "select 1 from pg_stat_activity where query ilike 'create index%' and wait_event_type = 'Lock'",
    );
    if (waiting.length > 0) break;
  }
  victim.process.kill('SIGKILL');
  const next = untilDone(place, job, 2);
  await other.query('commit');
  await other.end();
  expect(await next).toMatchObject({ outcome: 'done' });
  expect(await ask("select indisvalid from pg_index where indrelid = 'ledger'::regclass")).toEqual([
    { indisvalid: true },
  ]);
});
