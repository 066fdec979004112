/** The dataset of an edge case goes through the rules and the program of its migration, before any row of the table does. */
import { createHash } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { probe, probeContextOf } from '../../../activities/probes/index.js';
import type { MachineProbe, Transform } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, makePlace, runIn } from '../support.js';

let postgres: Postgres;
let client: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`create table people (id bigint primary key, address text, age numeric, born date);
    create table people_new (id bigint primary key, street text, number varchar(4), age int, born date)`);
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

const NEW = { schema: 'public', table: 'people_new' };
const PEOPLE = { schema: 'public', table: 'people' };

/** Splits the address; leaves out those without a name; fails where it says so. */
const SPLIT = `#!/usr/bin/env python3
import json, sys
for line in sys.stdin:
    row = json.loads(line, parse_float=str)
    address = row.pop("address")
    if address == "broken": sys.exit("no address I know")
    if address == "": print("null"); continue
    street, _, number = address.rpartition(" ")
    print(json.dumps({**row, "street": street, "number": number}))
`;

async function evaluate(
  lines: readonly string[],
  more: Partial<Transform> = {},
  program: string | null = SPLIT,
) {
  const place = await makePlace({ connections: { shop: { postgres: postgres.url } } });
  const file = async (path: string, text: string) => {
    await writeFile(join(place.workspace, path), text);
    await chmod(join(place.workspace, path), 0o755);
    return { path, sha256: createHash('sha256').update(text).digest('hex') };
  };
  const machine: MachineProbe = {
    ...{ how: 'transform', connection: 'shop', to: 'shop', set: [], omit: [], where: null },
    tables: [{ source: PEOPLE, target: NEW }],
    dataset: await file('CASES-1.jsonl', lines.join('\n')),
    ...(program === null ? {} : { program: await file('split.py', program) }),
    ...more,
  };
  const settings = { probes: [machine], baselines: {}, timeoutMs: 30_000 };
  return runIn(attempt(), async () =>
    probe(machine, await probeContextOf(place.clients, place.context, settings)),
  );
}

const line = (row: object, more: object) => JSON.stringify({ row: { id: 1, ...row }, ...more });
const STREET = line({ address: 'Long Street 7' }, { becomes: { street: 'Long Street', number: '7' } });

test('rows become what the dataset says by the program, as the types of the target, also those that are left out or refused', async () => {
  const exact =
    '{"row": {"id": 9007199254740993, "address": "A 1"}, "becomes": {"id": 9007199254740993, "street": "A"}}';
  const lines = [
    STREET,
    exact,
    '',
    line({ address: '' }, { becomes: null, note: 'nobody lives there' }),
    line({ address: 'broken' }, { refused: true }),
    line({ address: 'Long Street 12345' }, { refused: true }),
  ];
  expect(await evaluate(lines)).toEqual({
    verdict: 'pass',
    evidence: '5 rows of CASES-1.jsonl became what it says',
  });
  expect(await client.query('select from people_new')).toMatchObject({ rowCount: 0 });
});

test.each([
  ['another value', STREET.replace('"7"}', '"8"}'), 'line 1: number is "7" instead of "8"'],
  ['a row that should be left out', line({ address: 'A 1' }, { becomes: null }), 'instead of being left out'],
  [
    'a row that is left out',
    line({ address: '' }, { becomes: { street: '' } }),
    'left out instead of being a row',
  ],
  ['a value that does not fit', line({ address: 'A 12345' }, { becomes: { street: 'A' } }), 'value too long'],
  ['a failure', line({ address: 'broken' }, { becomes: { street: 'A' } }), 'no address I know'],
  ['a row that is not refused', line({ address: 'A 1' }, { refused: true }), 'instead of being refused'],
])('%s fails, and says which line', async (_, wrong, evidence) => {
  const found = await evaluate([STREET, wrong].toReversed());
  expect(found).toMatchObject({ verdict: 'fail', evidence: expect.stringContaining('1 of 2 rows') });
  expect(found.evidence).toContain(evidence);
});

test('a program that changes the key or answers an unknown column fails', async () => {
  const other = SPLIT.replace('{**row,', '{**row, "id": row["id"] + 1,');
  expect((await evaluate([STREET], {}, other)).evidence).toContain('id is 2 instead of 1');
  const unknown = SPLIT.replace('"street":', '"strasse":');
  expect((await evaluate([STREET], {}, unknown)).evidence).toContain('no such column');
});

const RULES = {
  tables: [{ source: PEOPLE, target: PEOPLE }],
  set: [{ column: 'address', value: 'upper(people.address)' }],
  where: 'age >= 18',
};

test('rules are applied before the program, and alone where there is none', async () => {
  const cases = [
    line({ address: 'a 1', age: 18.0 }, { becomes: { address: 'A 1', age: '18.00' } }),
    line({ address: 'a 1', age: 17 }, { becomes: null }),
    line({ address: 'a 1', age: 18, born: 'never' }, { refused: true }),
  ];
  expect(await evaluate(cases, RULES, null)).toMatchObject({ verdict: 'pass' });
  const through = [line({ address: 'a 1', age: 18 }, { becomes: { street: 'A', number: '1' } })];
  const both = { ...RULES, tables: [{ source: PEOPLE, target: NEW }] };
  expect(await evaluate(through, both)).toMatchObject({ verdict: 'pass' });
});

test('of several tables, each takes the rules for its own columns, and a row that a condition does not know stays', async () => {
  const both = {
    tables: [
      { source: PEOPLE, target: PEOPLE },
      { source: NEW, target: NEW },
    ],
    set: [
      { column: 'address', value: 'upper(address)' },
      { column: 'street', value: 'lower(street)' },
    ],
    where: '((age > 18) is not true)',
  };
  const cases = [
    line({ address: 'a 1' }, { becomes: { address: 'A 1' }, table: 'people' }),
    line({ street: 'A', age: 18 }, { becomes: { street: 'a' }, table: 'people_new' }),
    line({ street: 'A', age: 19 }, { becomes: null, table: 'people_new' }),
  ];
  expect(await evaluate(cases, both, null)).toMatchObject({ verdict: 'pass' });
});

test.each([
  ['no rows', [], 'it has no rows'],
  ['no JSON', ['what?'], 'line 1 is not'],
  ['a key that nobody knows', [line({}, { become: null })], 'the key "become"'],
  ['a column that is not there', [line({ adress: 'A 1' }, { becomes: null })], 'no column "adress"'],
  ['an expected column that is not there', [line({}, { becomes: { strasse: 'A' } })], 'no column "strasse"'],
  ['another table', [line({}, { becomes: null, table: 'orders' })], '"table" must be one of people'],
])('a dataset with %s says nothing', async (_, lines, evidence) => {
  const found = await evaluate(lines);
  expect(found.verdict).toBe('inconclusive');
  expect(found.evidence).toContain(evidence);
});
