/**
 * How far a relay has come: one row in a table of the stream on the side it writes to, committed with the rows. The table is published
 * too: a transaction that begins by writing the other relay's row was brought by that one, and is not sent back.
 */
import type { Session } from '../../../sql/session.js';
import { readLsn } from './messages.js';

interface Place {
  /** Of the direction. */
  readonly name: string;
  /** The table, quoted. */
  readonly positions: string;
  readonly subscriber: Session;
}

/** Creates the table; `positions` is its quoted name. */
export async function ensurePositions(session: Session, positions: string): Promise<void> {
  await session.query(`create table if not exists ${positions} (name text primary key, lsn pg_lsn not null)`);
}

/** Every transaction whose commit record begins before it has been applied; null before the first. */
export async function readPosition(session: Session, { name, positions }: Place): Promise<bigint | null> {
  const [row] = (await session.query(`select lsn::text as lsn from ${positions} where name = $1`, [name]))
    .rows;
  return row?.lsn == null ? null : readLsn(row.lsn);
}

/** Where a relay begins, in the transaction of the caller. */
export async function writeFirstPosition(
  session: Session,
  { name, positions }: Place,
  lsn: string,
): Promise<void> {
  await session.query(`insert into ${positions} (name, lsn) values ($1, $2)`, [name, lsn]);
}

/** Forgets it; harmless when there is nothing. */
export async function forgetPosition({ name, positions, subscriber }: Place): Promise<void> {
  const [row] = (await subscriber.query('select to_regclass($1)::text as found', [positions])).rows;
  if (row?.found != null) await subscriber.query(`delete from ${positions} where name = $1`, [name]);
}
