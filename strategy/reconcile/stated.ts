/**
 * What a reviewer says that rows must become: JSON at the end of the reason of `custom`, a row or a list of rows, each with its key and
 * the columns that matter. `Ticket 12: {"id": 17, "email": "a@example.com"}`
 */

/** Columns and their values as JSON. */
export type StatedRow = Readonly<Record<string, unknown>>;

export const HOW_TO_STATE =
  '"custom" needs the rows as they must become: end the reason with them as JSON, with their key, such as \'Ticket 12: {"id": 17, "email": "a@example.com"}\' or a list of such rows.';

/** Null when the text does not end with rows of more than one column. */
export function readStated(reason: string): readonly StatedRow[] | null {
  const rows = readRows(reason);
  return rows?.every((row) => Object.keys(row).length > 1) === true ? rows : null;
}

/** The same, also of keys alone. */
export function readRows(reason: string): readonly StatedRow[] | null {
  for (const { index } of reason.matchAll(/[[{]/g)) {
    const rows = rowsOf(reason.slice(index));
    if (rows !== null) return rows;
  }
  return null;
}

function rowsOf(text: string): readonly StatedRow[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const rows = Array.isArray(value) ? value : [value];
  return rows.length > 0 && rows.every(isRow) ? rows : null;
}

function isRow(value: unknown): value is StatedRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
