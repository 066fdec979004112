/** Ranges of a key as SQL, and the statements about them. Keys travel as texts, exactly as the server writes them. */
import type { Session } from '../../sql/session.js';
import type { Pass } from './pass.js';
import { type Column, quoted, readTexts } from './table.js';

type Key = readonly string[];

/** A condition on the key columns and the values of its parameters. */
export interface Range {
  readonly sql: string;
  readonly values: readonly string[];
}

/** After the first key, up to and with the second. Null: from the first row on. */
export function between(key: readonly Column[], after: Key | null, upTo: Key): Range {
  const upper = `${row(key)} <= ${parameters(key, 1)}`;
  if (after === null) return { sql: upper, values: upTo };
  return {
    sql: `${upper} and ${row(key)} > ${parameters(key, key.length + 1)}`,
    values: [...upTo, ...after],
  };
}

export function exactly(key: readonly Column[], value: Key): Range {
  return { sql: `${row(key)} = ${parameters(key, 1)}`, values: value };
}

function row(key: readonly Column[]): string {
  return `(${key.map(({ name }) => quoted(name)).join(', ')})`;
}

function parameters(key: readonly Column[], from: number): string {
  return `(${key.map(({ type }, index) => `$${from + index}::${type}`).join(', ')})`;
}

/** The last key there is now; null in a table without rows. */
export async function lastKeyOf(session: Session, { over, key }: Pass): Promise<Key | null> {
  const order = key.map(({ name }) => `${quoted(name)} desc`).join(', ');
  const [found] = (await session.query(`select ${asJson(key)} as key from ${over} order by ${order} limit 1`))
    .rows;
  return readTexts(found?.key);
}

/** The end of the next range of at most `size` rows, and how many rows it has; null when no row is left. */
export async function nextEnd(
  session: Session,
  { over, key }: Pass,
  rest: Range,
  size: number,
): Promise<{ readonly end: Key; readonly rows: number } | null> {
  const columns = key.map(({ name }) => quoted(name));
  const order = (suffix: string): string => columns.map((column) => column + suffix).join(', ');
  const [found] = (
    await session.query(
      `with sluice_keys as materialized (select ${columns.join(', ')} from ${over} where ${rest.sql} order by ${order('')} limit ${size})
select (select count(*) from sluice_keys)::text as rows, ${asJson(key)} as key from sluice_keys order by ${order(' desc')} limit 1`,
      rest.values,
    )
  ).rows;
  const end = readTexts(found?.key);
  return end === null ? null : { end, rows: Number(found?.rows) };
}

function asJson(key: readonly Column[]): string {
  return `json_build_array(${key.map(({ name }) => `${quoted(name)}::text`).join(', ')})::text`;
}

export async function countIn(
  session: Session,
  over: string,
  range: Range,
  condition: string | null,
): Promise<number> {
  const and = condition === null ? '' : ` and ${condition}`;
  const [row] = (
    await session.query(
      `select count(*)::text as rows from ${over} where ${range.sql}${and}`,
      range.values,
      LIMIT_MS,
    )
  ).rows;
  return Number(row?.rows);
}

/** A count of a whole table takes as long as it takes. */
const LIMIT_MS = 2 ** 31 - 1 - 60_000;
