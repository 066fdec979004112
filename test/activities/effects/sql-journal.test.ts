/** Who may keep a journal, and where none can be kept. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JOURNAL_DDL } from '../../../activities/effects/sql/journal.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { openSqlPlace } from './sql-place.js';

const sql = openSqlPlace();
const DOCS = readFileSync(new URL('../../../docs/sql.md', import.meta.url), 'utf8');

let standby: Postgres;
beforeAll(async () => {
  standby = await startPostgres([], { standby: true });
});
afterAll(() => standby.stop());

function as(user: string): string {
  return `postgres://${user}:secret@127.0.0.1:${sql.postgres().port}/postgres`;
}

async function user(name: string): Promise<void> {
  await sql.ask(
    `drop role if exists ${name}; create role ${name} login password 'secret'; revoke create on database postgres from public; grant usage on schema public to ${name}; grant insert, select on ledger to ${name}`,
  );
  await sql.connect(as(name));
}

test('the documentation shows the journal as it is', () => {
  for (const line of JOURNAL_DDL.split('\n')) expect(DOCS).toContain(line);
});

test('a user with just the grants of the documentation can carry out a step', async () => {
  await user('migrator');
  const grants = DOCS.split('\n').filter((line) => /^grant .*;$/.test(line));
  expect(grants.length).toBeGreaterThan(1);
  await sql.ask(`${JOURNAL_DDL} ${grants.join('\n')}`);
  const job = sql.job(["insert into ledger values ('a')"]);
  expect(await sql.run(job)).toMatchObject({ outcome: 'done' });
  expect(await sql.run(job, 2)).toMatchObject({ outcome: 'done' });
  expect(await sql.run(sql.job(['vacuum']))).toMatchObject({ outcome: 'done' });
  await sql.ask('drop owned by migrator; drop role migrator');
});

test.each([
  ['the right to make the journal', 'select 1', /journal.*Grant CREATE/s],
  ['use of its schema', JOURNAL_DDL, /journal.*USAGE on the schema sluice/s],
  ['the right to write it', `${JOURNAL_DDL} grant usage on schema sluice to guest`, /journal.*INSERT/s],
])('without %s nothing is run, and the cause says what to grant', async (_name, before, cause) => {
  await user('guest');
  await sql.ask(before);
  const job = sql.job(["insert into ledger values ('a')"]);
  expect(await sql.run(job)).toMatchObject({ outcome: 'failed', cause: expect.stringMatching(cause) });
  expect(await sql.run(sql.job(['vacuum']))).toMatchObject({ outcome: 'failed' });
  expect(await sql.count()).toBe(0);
  await sql.ask('drop owned by guest; drop role guest');
});

test("a step's own missing privileges are not taken for the journal's", async () => {
  await user('guest');
  await sql.ask(
    `${JOURNAL_DDL} grant usage on schema sluice to guest; grant select, insert, update, delete on sluice.journal to guest`,
  );
  const outcome = await sql.run(sql.job(['delete from ledger']));
  expect(outcome).toMatchObject({ outcome: 'failed', cause: expect.stringContaining('table ledger') });
  expect(JSON.stringify(outcome)).not.toContain('journal');
  await sql.ask('drop owned by guest; drop role guest');
});

test('a standby is named as such, whether it has a journal or not', async () => {
  await sql.connect(standby.url);
  const READ_ONLY = { outcome: 'failed', cause: expect.stringMatching(/read replica.*primary/s) };
  expect(await sql.run(sql.job(['select 1']))).toMatchObject(READ_ONLY);
  expect(await sql.run(sql.job(['vacuum']))).toMatchObject(READ_ONLY);
  const primary = new URL(sql.postgres().url);
  await sql.connect(primary.href);
  await sql.run(sql.job(['select 1']));
  primary.searchParams.set('options', '-c default_transaction_read_only=on');
  await sql.connect(primary.href);
  const job = sql.job(["insert into ledger values ('a')"]);
  expect(await sql.run({ ...job, key: { ...job.key, index: 1 } })).toMatchObject(READ_ONLY);
  expect(await sql.run(sql.job(['vacuum'], { key: { ...job.key, index: 2 } }))).toMatchObject(READ_ONLY);
  expect(await sql.count()).toBe(0);
});
