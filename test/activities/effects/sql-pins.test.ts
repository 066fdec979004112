/** A run that has used a database does not go on with another one that came to stand under the same name. */
import { expect, test } from 'vitest';
import type { Identified } from '../../../activities/contract.js';
import { identifyDatabase } from '../../../activities/identify-database.js';
import { evaluate } from '../../../activities/probes/evaluate.js';
import type { DatabaseIdentity } from '../../../strategy/run/database.js';
import { attempt, runIn } from '../support.js';
import { openSqlPlace } from './sql-place.js';

const sql = openSqlPlace();

function identify(): Promise<Identified> {
  const { clients, context } = sql.place();
  return runIn(attempt(), () => identifyDatabase(clients, { context, connection: 'shop' }));
}

async function pinned(): Promise<DatabaseIdentity> {
  const found = await identify();
  if ('why' in found) throw new Error(found.why);
  return found.database;
}

/** Makes the connection lead to another database of the same server, and answers with the identity of the first one. */
async function swapped(): Promise<{ readonly pin: DatabaseIdentity; readonly url: string }> {
  const urls = [];
  for (const name of ['first', 'other']) {
    await sql.ask(`drop database if exists ${name}`);
    await sql.ask(`create database ${name}`);
    urls.push(sql.postgres().url.replace(/\/postgres$/, `/${name}`));
  }
  const [first = '', url = ''] = urls;
  await sql.connect(first);
  const pin = await pinned();
  await sql.connect(url);
  return { pin, url };
}

test('an effect is refused on another database, with both names; nothing is run there', async () => {
  const { pin, url } = await swapped();
  const job = sql.job(['create table moved (what text)']);
  const outcome = await sql.run({ ...job, context: { ...job.context, pins: { shop: pin } } });
  expect(outcome).toMatchObject({ outcome: 'failed', cause: expect.stringContaining('"first" (oid') });
  expect(outcome).toMatchObject({ cause: expect.stringContaining('"other" (oid') });
  expect(
    await sql.ask("select to_regclass('moved') as moved, to_regclass('sluice.journal') as journal", url),
  ).toEqual([{ moved: null, journal: null }]);
});

test('a repeat that meets another database cannot tell what the first attempt did', async () => {
  const { pin } = await swapped();
  const job = sql.job(["insert into ledger values ('once')"]);
  expect(await sql.run({ ...job, context: { ...job.context, pins: { shop: pin } } }, 2)).toMatchObject({
    outcome: 'unknown',
    cause: expect.stringContaining('leads to another database'),
  });
});

test('a probe on another database has no verdict', async () => {
  const { pin } = await swapped();
  const { clients, context } = sql.place();
  const requirements = [
    {
      text: 'It holds',
      probe: { how: 'sql', text: 'select true', args: [], connection: 'shop' } as const,
      windowMs: null,
    },
  ];
  const job = {
    context: { ...context, pins: { shop: pin } },
    requirements,
    baselines: {},
    intervalMs: 1_000,
    timeoutMs: 5_000,
  };
  expect(await runIn(attempt(), () => evaluate(clients, job))).toMatchObject([
    { verdict: 'inconclusive', evidence: expect.stringContaining('leads to another database') },
  ]);
});

test('the same database is recognised after its server was down, and for a user who may not read the system identifier', async () => {
  const pin = await pinned();
  expect(pin.system).toMatch(/^system \d+$/);
  await sql.postgres().crash();
  await sql.postgres().start();
  expect(await pinned()).toEqual(pin);
  await sql.ask('revoke execute on function pg_control_system() from public');
  await sql.ask("create role plain login password 'plain'");
  await sql.connect(sql.postgres().url.replace('postgres:postgres@', 'plain:plain@'));
  const byAddress = await pinned();
  expect(byAddress).toMatchObject({ oid: pin.oid, system: `server 127.0.0.1/32:${sql.postgres().port}` });
  expect(await pinned()).toEqual(byAddress);
});

test('a database that cannot be reached is told as for an effect', async () => {
  await sql.connect('postgres://postgres@127.0.0.1:1/postgres');
  expect(await identify()).toMatchObject({
    why: expect.stringMatching(/could not be reached.*Nothing was run/s),
  });
});

test('a connection whose set-up fails is closed', async () => {
  const { pin } = await swapped();
  const job = sql.job(["insert into ledger values ('once')"]);
  await sql.run({ ...job, context: { ...job.context, pins: { shop: pin } } });
  await expect
    .poll(() => sql.ask("select count(*)::int as open from pg_stat_activity where datname = 'other'"))
    .toEqual([{ open: 0 }]);
});
