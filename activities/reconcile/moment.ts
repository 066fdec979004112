/** Two sessions that look at both sides: at one snapshot within one database, at about the same instant between two. */
import { isSameDatabase } from '../../strategy/run/database.js';
import type { Session } from '../sql/session.js';

export interface Pair {
  readonly source: Session;
  readonly target: Session;
}

export function isOneDatabase({ source, target }: Pair): boolean {
  return isSameDatabase(source.database, target.database);
}

/** Begins to look, without any change; what was seen before is left behind. */
export async function lookNow({ source, target }: Pair, limitMs: number): Promise<void> {
  const begin = 'begin isolation level repeatable read read only';
  for (const session of [source, target]) await session.query('rollback');
  await source.query(begin);
  if (isOneDatabase({ source, target })) {
    const [row] = (await source.query('select pg_export_snapshot() as snapshot')).rows;
    await target.query(begin);
    await target.query(`set transaction snapshot '${row?.snapshot ?? ''}'`);
  } else {
    await target.query(begin);
  }
  for (const session of [source, target]) {
    await session.query(
      `select set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'postgres', true),
  set_config('timezone', 'UTC', true), set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true),
  set_config('idle_in_transaction_session_timeout', '0', true), set_config('statement_timeout', $1, true)`,
      [String(limitMs)],
    );
  }
}
