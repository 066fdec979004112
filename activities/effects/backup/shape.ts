/** The columns of a backed-up table, and its rows as exact text, by which they are compared. */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { TableName } from '../../../strategy/plan.js';
import { Refusal } from '../../refusal.js';
import type { Session } from '../../sql/session.js';
import { type Column, quoted, quotedTable, readTable } from '../rows/table.js';
import { type Names, namesOf } from './state.js';

export interface Shape {
  readonly table: TableName;
  /** Quoted. */
  readonly name: string;
  readonly key: readonly Column[];
  /** All but those that the database computes. */
  readonly written: readonly Column[];
  readonly names: Names;
}

/** A transaction of a worker that hangs is ended by the server after this long. */
const IDLE_MS = 15_000;

/** Begins a transaction in which rows have the same text as in every other one. `leftMs`: how long a statement may take. */
export async function beginExact(
  session: Session,
  isolation: 'read committed' | 'repeatable read',
  { lockTimeoutMs, leftMs }: { readonly lockTimeoutMs: number; readonly leftMs: number },
): Promise<void> {
  await session.query(`begin isolation level ${isolation}`);
  // Without a policy in the way, or not at all: a policy would leave rows out of the backup.
  await session.query(
    `select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),
  set_config('idle_in_transaction_session_timeout', $3, true), set_config('row_security', 'off', true),
  set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'postgres', true), set_config('timezone', 'UTC', true),
  set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true)`,
    [String(lockTimeoutMs), String(Math.max(1, Math.round(leftMs))), String(IDLE_MS)],
  );
}

/** Throws `Refusal` when the table is gone, or has no key. */
export async function readShape(session: Session, id: string, table: TableName): Promise<Shape> {
  const found = await readTable(session, table);
  if (found === null || found.key.length === 0) {
    throw new Refusal(`The table ${tableText(table)}, or its key, does not exist any more.`);
  }
  const written = found.columns.filter(({ generated }) => !generated);
  return { table, name: found.name, key: found.key, written, names: namesOf(id, table) };
}

/** What the rows of a table come to: their number and the sum of their hashes. */
export async function sumOf(
  session: Session,
  { written }: Shape,
  of: TableName,
  limitMs: number,
): Promise<string> {
  const query = `select count(*) || ':' || coalesce(sum(${hashOf(written, 't.')}::numeric), 0) as sum from ${quotedTable(of)} t`;
  return (await session.query(query, [], limitMs)).rows[0]?.sum ?? '';
}

/** "12", of the sum of 12 rows. */
export function rowsOf(sum: string): number {
  return Number(sum.split(':')[0]);
}

/** The text of a row, as SQL. */
export function textOf(columns: readonly Column[], of: string): string {
  return `row(${list(columns, of)})::text`;
}

export function hashOf(columns: readonly Column[], of: string): string {
  return `hashtextextended(${textOf(columns, of)}, 0)`;
}

export function list(columns: readonly Column[], of = ''): string {
  return columns.map(({ name }) => of + quoted(name)).join(', ');
}

export function sameKey({ key }: Shape, left: string, right: string): string {
  return key.map(({ name }) => `${left}${quoted(name)} = ${right}${quoted(name)}`).join(' and ');
}
