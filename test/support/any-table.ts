/** Tables of any shape for property tests: types, NULLs, Unicode, composite keys, many columns, and values that Postgres stores apart. */
import fc from 'fast-check';

export interface AnyColumn {
  /** Unquoted. */
  readonly name: string;
  readonly type: string;
}

export interface AnyTable {
  /** Of the primary key. */
  readonly keys: readonly AnyColumn[];
  readonly columns: readonly AnyColumn[];
  /** SQL literals without their casts, one per column, keys first; null for NULL. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** What the tables need in a database before they are created. */
export const ANY_TYPES = `create type mood as enum ('sad', 'ok', 'Happy "x"'); create domain positive as int check (value > 0);
create type pair as (a int, b text);`;

type Value = fc.Arbitrary<string>;

const text: Value = fc.string({ unit: 'grapheme', maxLength: 20 }).map((value) => value.replaceAll('\0', ''));
/** Too long for a page, and not to be compressed away. */
const wide: Value = fc
  .tuple(fc.integer({ min: 9_000, max: 40_000 }), fc.integer({ min: 1, max: 2 ** 31 - 1 }))
  .map(([length, seed]) => noise(length, seed));
const int = (min: number, max: number): Value => fc.integer({ min, max }).map(String);
const json: Value = fc
  .json({ maxDepth: 2 })
  .map((value) => value.replaceAll(/\\u(?:0000|d[89a-f]..)/gi, '?'));

/** By type: what its values look like. */
const TYPES: Readonly<Record<string, Value>> = {
  smallint: int(-32_768, 32_767),
  integer: int(-(2 ** 31), 2 ** 31 - 1),
  bigint: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  numeric: fc.oneof(
    fc.constantFrom('NaN', 'Infinity', '-Infinity', '0', '-0.000', '1e-50', '1e120'),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  ),
  'numeric(12,3)': fc.integer({ min: -999_999_999, max: 999_999_999 }).map((value) => String(value / 1_000)),
  real: fc.oneof(
    fc.constantFrom('NaN', 'Infinity', '-Infinity', '-0'),
    fc.float({ noNaN: true }).map(String),
  ),
  'double precision': fc.oneof(
    fc.constantFrom('NaN', 'Infinity', '-Infinity', '-0', '5e-324'),
    fc.double({ noNaN: true }).map(String),
  ),
  boolean: fc.constantFrom('true', 'false'),
  text: fc.oneof({ arbitrary: text, weight: 4 }, { arbitrary: wide, weight: 1 }),
  'character varying(30)': text.map((value) => [...value].slice(0, 30).join('')),
  'character(8)': text.map((value) => [...value].slice(0, 8).join('')),
  bytea: fc.uint8Array({ maxLength: 40 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`),
  uuid: fc.uuid(),
  date: fc.constantFrom('infinity', '-infinity', '0001-01-01 BC', '2024-02-29', '9999-12-31'),
  'timestamp without time zone': fc.constantFrom('infinity', '1969-12-31 23:59:59.999999', '4713-01-01 BC'),
  'timestamp with time zone': fc.constantFrom('-infinity', '2024-03-31 02:30:00.5+02', '2024-10-27 02:30+01'),
  'time with time zone': fc.constantFrom('24:00:00+00', '00:00:00.000001-15:59'),
  interval: fc.constantFrom('1 mon -1 day', '-178000000 years', '24:00:00', '1 day', 'P1Y2M3DT4H5M6.789S'),
  json,
  jsonb: json,
  'integer[]': fc.constantFrom('{}', '{NULL,1}', '{{1,2},{3,NULL}}', '[0:1]={7,8}'),
  'text[]': fc.constantFrom('{}', '{"a,b","\\"q\\"",NULL,"NULL",""}', '{"\\\\","{}"}'),
  inet: fc.constantFrom('10.0.0.1', '10.0.0.0/8', '::1', 'fe80::/64'),
  point: fc.constantFrom('(0,-0)', '(1e300,NaN)'),
  int4range: fc.constantFrom('empty', '[1,5)', '(,)', '[3,)'),
  'bit varying(16)': fc.constantFrom('', '0', '1010101010101010'),
  tsvector: fc.constantFrom('', "'a':1A,2 'b''c':3"),
  mood: fc.constantFrom('sad', 'ok', 'Happy "x"'),
  positive: int(1, 1_000),
  pair: fc.constantFrom('(,)', '(1,"a,""b""")'),
};

const KEY_TYPES = [
  'smallint',
  'bigint',
  'numeric(12,3)',
  'text',
  'character varying(30)',
  'bytea',
  'uuid',
  'date',
  'boolean',
  'mood',
  'positive',
  'timestamp with time zone',
];

/** Names that have to be quoted, among others. */
const NAMES = [
  'plain',
  'Upper',
  'with space',
  'select',
  'quo"te',
  'größe',
  'dots.in',
  '$1',
  "apo'strophe",
  '表',
];

/** @param types of the columns that are not in the key; all by default */
export function anyTable(types: readonly string[] = Object.keys(TYPES)): fc.Arbitrary<AnyTable> {
  const named = (prefix: string, list: readonly string[]): AnyColumn[] =>
    list.map((type, index) => ({ name: `${prefix}${index} ${NAMES[index % NAMES.length] ?? ''}`, type }));
  return fc
    .record({
      keys: fc.array(fc.constantFrom(...KEY_TYPES), { minLength: 1, maxLength: 3 }),
      columns: fc.oneof(
        { arbitrary: fc.array(fc.constantFrom(...types), { minLength: 1, maxLength: 8 }), weight: 5 },
        { arbitrary: fc.array(fc.constantFrom(...types), { minLength: 101, maxLength: 150 }), weight: 1 },
      ),
    })
    .chain((drawn) => {
      const keys = named('k', drawn.keys);
      const columns = named('c', drawn.columns);
      const value = ({ type }: AnyColumn): Value => TYPES[type] ?? text;
      const row = fc.tuple(
        ...keys.map((column) => (column.type === 'text' ? text : value(column))),
        ...columns.map((column) => fc.option(value(column), { freq: 4 })),
      );
      const most = columns.length > 20 ? 8 : 30;
      const rows = fc.array(row, { minLength: 1, maxLength: most });
      return rows.map((list) => ({ keys, columns, rows: list }));
    });
}

export function createTable(name: string, { keys, columns }: AnyTable): string {
  const all = [...keys, ...columns].map((column) => `${quoted(column.name)} ${column.type}`);
  return `create table ${name} (${all.join(', ')}, primary key (${keys.map((column) => quoted(column.name)).join(', ')}));`;
}

/** Rows with the same key are left out. */
export function fillTable(name: string, { keys, columns, rows }: AnyTable): string {
  const all = [...keys, ...columns];
  return rows
    .map((row) => {
      const values = row.map((value, index) =>
        value === null ? 'null' : `cast(${literal(value)} as ${all[index]?.type ?? 'text'})`,
      );
      return `insert into ${name} values (${values.join(', ')}) on conflict do nothing;`;
    })
    .join('\n');
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Text of this length that a seed repeats. */
function noise(length: number, seed: number): string {
  let state = seed;
  let made = '';
  while (made.length < length) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    made += state.toString(36);
  }
  return made.slice(0, length);
}
