/**
 * What a column of times says has changed since a mark.
 *
 * A time that a transaction writes with `now()` is that of its beginning, so the mark lies before every transaction that is still open,
 * as far as this user may see them, and some time before that for clients whose clocks are behind.
 */
import type { Session } from '../../sql/session.js';
import { type Column, quoted, type Table } from './table.js';

/** How far clocks of clients may be behind, in seconds. */
const OVERLAP_S = 60;

/** What the catalog says of a column that tells when a row changed. */
export interface TimeColumn {
  readonly isTime: boolean;
  readonly neverNull: boolean;
  readonly indexed: boolean;
}

/** Null when the table has no such column. */
export async function readTimeColumn(
  session: Session,
  table: Table,
  column: string,
): Promise<TimeColumn | null> {
  const query = `select a.attnotnull::text as given, (t.typcategory = 'D')::text as time,
  exists (select from pg_index i where i.indrelid = a.attrelid and i.indisvalid and i.indpred is null and i.indkey[0] = a.attnum)::text as indexed
from pg_attribute a join pg_type t on t.oid = a.atttypid where a.attrelid = to_regclass($1) and a.attname = $2 and not a.attisdropped`;
  const [row] = (await session.query(query, [table.name, column])).rows;
  if (row === undefined) return null;
  return { isTime: row.time === 'true', neverNull: row.given === 'true', indexed: row.indexed === 'true' };
}

/** Taken before the rows are read: whatever they do not show yet will have a later time. Throws what the database answers. */
export async function markNow(session: Session): Promise<string> {
  const [row] = (
    await session.query(`select to_char((least(now(), (select min(xact_start) from pg_stat_activity
  where pid <> pg_backend_pid() and datname = current_database() and backend_type not in ('autovacuum worker', 'walsender')))
  - interval '${OVERLAP_S} seconds') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as mark`)
  ).rows;
  return row?.mark ?? '';
}

/** An SQL condition for rows that have changed since the mark, which is the parameter of this number. A row without a time may have. */
export function changedSince({ name, base }: Column, parameter: number): string {
  const column = quoted(name);
  const mark = `$${parameter}::timestamptz`;
  // Without a time zone, it is the wall clock of whoever wrote it: at most 12 hours behind UTC.
  const since =
    base === null || base === 'timestamp with time zone'
      ? mark
      : `((${mark} at time zone 'UTC') - interval '12 hours')::${base}`;
  return `(${column} >= ${since} or ${column} is null)`;
}
