/** What would stop a migration in rounds is found before a run, all at once, and nothing is changed. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkDatabases } from '../../databases/check.js';
import { planOf, stepOf, strategyOf } from '../strategy/support/compile-text.js';
import { type Postgres, startPostgres } from '../support/postgres.js';

let postgres: Postgres;
let shop: pg.Client;
let other: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  shop = await connected(postgres.url);
  await shop.query('create database other');
  await shop.query("create role clerk login password 'clerk'");
  other = await connected(otherUrl());
});
afterAll(async () => {
  await shop.end();
  await other.end();
  await postgres.stop();
});

function otherUrl(): string {
  return postgres.url.replace(/postgres$/, 'other');
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

async function found(table: string, fields: string, url = postgres.url) {
  const bindings = 'connections: { shop: { postgres: "${env:SHOP}" }, other: { postgres: "${env:OTHER}" } }';
  const item = `migration_id: DATA-1, name: Move, source: { system: shop, tables: [${table}] }, target: { system: other }, ${fields}`;
  const strategy = strategyOf(
    stepOf('A', 1, 'x-uses: DATA-1'),
    `data_migration: { migrations: [{ ${item} }] }`,
  );
  const place = {
    plan: planOf({ bindings, strategy }),
    workspace: '/',
    env: { SHOP: url, OTHER: otherUrl() },
  };
  const problems = await checkDatabases(place, new AbortController().signal);
  return problems.map(({ subject, severity, message }) => `${severity} ${subject}: ${message}`).join('\n');
}

const STATE = `select nspname::text as name from pg_namespace where nspname = 'sluice'
  union all select tgname::text from pg_trigger where not tgisinternal`;

test('a table without a key, a foreign owner, missing privileges, and a target with other columns and rows are all said', async () => {
  await shop.query('create table bad (id bigint, total text, lost int); grant select on bad to clerk');
  await other.query('create table bad (id bigint primary key, total text); insert into bad values (1)');
  const clerk = postgres.url.replace('postgres:postgres@', 'clerk:clerk@');
  const messages = await found('bad', 'x-sync: {}', clerk);
  for (const part of [
    'error shop: This user may create neither the schema sluice',
    'error DATA-1: The table bad has no key',
    'error DATA-1: This user does not own bad',
    'error DATA-1: The table bad is not empty',
    'error DATA-1: bad has no column "lost"',
  ]) {
    expect(messages).toContain(part);
  }
  for (const client of [shop, other]) expect((await client.query(STATE)).rows).toEqual([]);
});

test('types that do not fit, and a way back that is missing or does not compute, are said with the rules', async () => {
  await shop.query('create table typed (id bigint primary key, total boolean, note text not null)');
  await other.query('create table typed (id bigint primary key, total date)');
  const rules = (back: string) =>
    `x-sync: {}, transformation_logic: { transformation_rules: ["total = total", "omit note"${back}] }`;
  const messages = await found('typed', rules(''));
  expect(messages).toMatch(/Postgres would refuse it: .*cannot cast type boolean to date/);
  expect(messages).toContain('typed.note is NOT NULL, and nothing says it for a row that a client writes');
  expect(await found('typed', rules(', "source.note = absent || total"'))).toContain(
    '"absent" does not exist',
  );
});

test('a column that tells when rows change must be there, NOT NULL, and indexed', async () => {
  await shop.query('create table timed (id bigint primary key, at timestamptz)');
  await other.query('create table timed (id bigint primary key, at timestamptz)');
  const detect = (column: string) => found('timed', `x-sync: { detect: timestamp, column: ${column} }`);
  const messages = await detect('at');
  expect(messages).toContain('timed.at can be NULL');
  expect(messages).toContain('timed.at has no index');
  expect(await detect('id')).toContain('timed.id is no timestamp');
  expect(await detect('absent')).toContain('timed has no column "absent"');
});

test('nothing is said where nothing is in the way', async () => {
  await shop.query('create table good (id bigint primary key, total numeric)');
  await other.query('create table good (id bigint primary key, total numeric)');
  expect(await found('good', 'x-sync: {}, x-conflicts: manual')).toBe('');
});
