/** Keys of rows on their way between two sides, as the texts that the server writes, and the SQL about them. */
import type { Session } from '../../sql/session.js';
import { type Column, quoted, readTexts, type Table } from '../rows/table.js';

export type Key = readonly string[];

/** Says the keys to the statements of this transaction, also to a COPY, which has no parameters. */
export async function setKeys(session: Session, keys: readonly Key[]): Promise<void> {
  await session.query("select set_config('sluice.keys', $1, true)", [JSON.stringify(keys)]);
}

/** A condition for the rows of these keys. `order`: the columns in the order of the texts. */
export function amongKeys(order: readonly Column[], table: Table, of = ''): string {
  const typed = order.map(({ name }, index) => {
    const type = table.key.find((column) => column.name === name)?.type ?? 'text';
    return `(x ->> ${index})::${type}`;
  });
  const names = order.map(({ name }) => of + quoted(name)).join(', ');
  return `(${names}) in (select ${typed.join(', ')} from json_array_elements(current_setting('sluice.keys')::json) x)`;
}

/** The key of a row as a JSON array of texts. */
export function keyJson(order: readonly Column[], of = ''): string {
  return `json_build_array(${order.map(({ name }) => `${of}${quoted(name)}::text`).join(', ')})::text`;
}

/** The keys that a query answers in its column `key`. */
export function readKeys(rows: readonly Readonly<Record<string, string | null>>[]): readonly Key[] {
  return rows.flatMap(({ key }) => {
    const texts = readTexts(key);
    return texts === null ? [] : [texts];
  });
}
