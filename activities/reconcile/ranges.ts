/** Ranges of a key, and what a side answers about the rows in one. */
import { readTexts } from '../effects/rows/table.js';
import { keyText, type Side } from './side.js';

type Key = readonly string[];

/** After the first key, up to and with the second; null is open. */
export interface Range {
  readonly after: Key | null;
  readonly upTo: Key | null;
}

export const EVERYTHING: Range = { after: null, upTo: null };

export interface Checksum {
  readonly rows: number;
  /** The sum of the hashes of the rows. */
  readonly sum: string;
}

interface Condition {
  readonly sql: string;
  readonly values: readonly string[];
}

function within({ key, where }: Side, { after, upTo }: Range): Condition {
  const row = `(${key.map(({ sql }) => sql).join(', ')})`;
  const values: string[] = [];
  const parameters = (key_: Key): string => {
    const from = values.push(...key_) - key_.length + 1;
    return `(${key.map(({ type }, index) => `$${from + index}::${type}`).join(', ')})`;
  };
  const parts = [
    ...(after === null ? [] : [`${row} > ${parameters(after)}`]),
    ...(upTo === null ? [] : [`${row} <= ${parameters(upTo)}`]),
    ...(where === 'true' ? [] : [`(${where})`]),
  ];
  return { sql: parts.length === 0 ? 'true' : parts.join(' and '), values };
}

function order({ key }: Side, suffix = ''): string {
  return key.map(({ sql }) => sql + suffix).join(', ');
}

/** The key as the column's own type writes it, to be used in a range again. */
function rawKey({ key }: Side): string {
  return `json_build_array(${key.map(({ sql }) => `(${sql})::text`).join(', ')})::text`;
}

/** The key of the `size`-th row of the range; null when it has fewer. */
export async function endAfter(side: Side, range: Range, size: number): Promise<Key | null> {
  const { sql, values } = within(side, range);
  // The text is made of the last key only, not of those that are skipped.
  const columns = side.key.map(({ name }) => name).join(', ');
  const last = `select ${columns} from ${side.from} where ${sql} order by ${order(side)} offset ${size - 1} limit 1`;
  const query = `select ${rawKey(side)} as key from (${last}) sluice_end`;
  const [row] = (await side.session.query(query, values, side.limitMs)).rows;
  return readTexts(row?.key);
}

export async function countRows({ session, from, where, limitMs }: Side): Promise<number> {
  const query = `select count(*)::text as rows from ${from} where ${where}`;
  return Number((await session.query(query, [], limitMs)).rows[0]?.rows ?? 0);
}

export async function checksum(side: Side, range: Range): Promise<Checksum> {
  const { sql, values } = within(side, range);
  const query = `select count(*)::text as rows, coalesce(sum(${side.hash.row(side.values)}), 0)::text as sum from ${side.from} where ${sql}`;
  const [row] = (await side.session.query(query, values, side.limitMs)).rows;
  return { rows: Number(row?.rows ?? 0), sum: row?.sum ?? '' };
}

/** The keys that divide the range into parts of `size` rows. */
export async function dividers(side: Side, range: Range, size: number): Promise<readonly Key[]> {
  const { sql, values } = within(side, range);
  const query = `select key from (select ${rawKey(side)} as key, row_number() over (order by ${order(side)}) as place
  from ${side.from} where ${sql}) k where place % ${size} = 0 order by place`;
  const { rows } = await side.session.query(query, values, side.limitMs);
  return rows.flatMap(({ key }) => {
    const texts = readTexts(key);
    return texts === null ? [] : [texts];
  });
}

/** The hash of every row, by the text of its key. `only`: a further condition. */
export async function hashes(side: Side, range: Range, only = 'true'): Promise<ReadonlyMap<string, string>> {
  const { sql, values } = within(side, range);
  const query = `select ${keyText(side)} as key, ${side.hash.row(side.values)}::text as hash from ${side.from} where ${sql} and ${only}`;
  const { rows } = await side.session.query(query, values, side.limitMs);
  return new Map(rows.map(({ key, hash }) => [key ?? '', hash ?? '']));
}

/** The hash of each compared value of the rows with these keys, by the text of the key. A NULL has none. */
export async function valueHashes(
  side: Side,
  keys: readonly string[],
): Promise<ReadonlyMap<string, readonly (string | null)[]>> {
  const found = new Map<string, readonly (string | null)[]>();
  if (keys.length === 0) return found;
  const list = side.values.map(({ text }) => `${side.hash.text(text)}::text`).join(', ');
  const query = `select ${keyText(side)} as key, array_to_json(array[${list}]::text[])::text as hashes from ${side.from}
  where ${amongKeys(side)}${side.where === 'true' ? '' : ` and (${side.where})`}`;
  const { rows } = await side.session.query(query, keyColumns(side, keys), side.limitMs);
  for (const { key, hashes: json } of rows) {
    const texts: unknown = JSON.parse(json ?? '[]');
    if (Array.isArray(texts))
      found.set(
        key ?? '',
        texts.map((text) => (text === null ? null : String(text))),
      );
  }
  return found;
}

/** A condition for the rows whose keys are in `keyColumns`. `from`: the number of the first parameter. */
export function amongKeys({ key }: Side, from = 1): string {
  const lists = key.map(({ type }, index) => `$${from + index}::text[]::${type}[]`).join(', ');
  return `(${key.map(({ name }) => name).join(', ')}) in (select * from unnest(${lists}))`;
}

/** The parts of these keys, column by column. */
export function keyColumns({ key }: Side, keys: readonly string[]): readonly (readonly string[])[] {
  const parts = keys.map((text) => readTexts(text) ?? []);
  return key.map((_, column) => parts.map((part) => part[column] ?? ''));
}
