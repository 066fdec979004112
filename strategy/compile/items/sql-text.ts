/** Names and texts in the SQL that sluice writes. */
import type { TableName } from '../../plan.js';

const TAG = '$sluice$';
/** Of a function that is created within a body. */
export const INNER_TAG = '$sync$';

/** True for a text that can stand in a body of this file. */
export function isQuotable(text: string): boolean {
  return !text.includes(TAG) && !text.includes(INNER_TAG);
}

/** A statement that runs this text as PL/pgSQL. */
export function body(text: string): string {
  return `do ${TAG} ${text} ${TAG}`;
}

export function tableName({ schema, table }: TableName): string {
  return `${quoted(schema)}.${quoted(table)}`;
}

export function regclass(table: TableName): string {
  return `${literal(tableName(table))}::regclass`;
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
