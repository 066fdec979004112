/** The rows of a dataset, and what the transformation must make of them. */

/** A line of the file. The row stays text: no number loses a digit. */
export interface EdgeCase {
  /** Of the file, from 1. */
  readonly line: number;
  /** A JSON object with `row`, and `becomes` where it becomes a row. */
  readonly text: string;
  /** As a dataset writes it; null where the item has one table. */
  readonly table: string | null;
  readonly columns: readonly string[];
  readonly becomes: Expected;
}

/** `out`: it is filtered. `refused`: the program or the database does not take it, so that it goes to quarantine. */
export type Expected =
  | { readonly kind: 'row'; readonly columns: readonly string[] }
  | { readonly kind: 'out' | 'refused' };

/** The dataset is not what it should be. For people. */
export class BadDataset extends Error {
  override readonly name = 'BadDataset';
}

const FORMS =
  '{"row": {...}, "becomes": {...}}, with null in place of the second object for a row that is left out, or {"row": {...}, "refused": true}';

/** @throws BadDataset */
export function readCases(text: string): readonly EdgeCase[] {
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const cases = lines.filter(({ line }) => line !== '').map(({ line, number }) => readCase(line, number));
  if (cases.length === 0) throw new BadDataset('it has no rows');
  return cases;
}

const KEYS = ['row', 'becomes', 'refused', 'table', 'note'];

function readCase(text: string, line: number): EdgeCase {
  const value = parsed(text);
  if (!isObject(value) || !isObject(value.row)) throw bad(line);
  const { row, becomes, refused, table = null } = value;
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw new BadDataset(`line ${line} has the key "${unknown}"; write ${FORMS}`);
  if (table !== null && typeof table !== 'string') throw bad(line);
  const own = { line, text, table, columns: Object.keys(row) };
  if (refused === true && becomes === undefined) return { ...own, becomes: { kind: 'refused' } };
  if (refused !== undefined) throw bad(line);
  if (becomes === null) return { ...own, becomes: { kind: 'out' } };
  if (!isObject(becomes) || Object.keys(becomes).length === 0) throw bad(line);
  return { ...own, becomes: { kind: 'row', columns: Object.keys(becomes) } };
}

function bad(line: number): BadDataset {
  return new BadDataset(`line ${line} is not ${FORMS}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
