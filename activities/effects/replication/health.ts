/** What would keep a direction of a stream from ever being in step: found while it is waited for. */
import type { StreamAction, TableName } from '../../../strategy/plan.js';
import type { Session } from '../../sql/session.js';
import { quotedTable } from '../rows/table.js';
import type { Direction } from './objects.js';
import { sizeText } from './progress.js';
import { Stopped } from './setting.js';

export interface Position {
  /** Bytes of WAL that the subscriber has not confirmed. */
  readonly lagBytes: number;
  /** What the publisher has written so far. */
  readonly written: bigint;
  readonly confirmed: bigint;
}

/** Where the slot is. Throws `Stopped` when it is gone or holds back too much. */
export async function positionOf(
  { publisher, name }: Pick<Direction, 'publisher' | 'name'>,
  maxWalBytes: number,
): Promise<Position> {
  const [row] = (
    await publisher.query(
      `select (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::text as written, (confirmed_flush_lsn - '0/0'::pg_lsn)::text as confirmed,
  (pg_current_wal_flush_lsn() - restart_lsn)::text as held, wal_status from pg_replication_slots where slot_name = $1`,
      [name],
    )
  ).rows;
  if (row === undefined) {
    throw new Stopped(
      `The replication slot ${name} is gone: somebody dropped it, or the server failed over to a standby that does not have it. What was written since cannot be sent any more. Roll the step back, which removes the copy, and run it again.`,
    );
  }
  if (row.wal_status === 'lost') {
    throw new Stopped(
      `The server has removed WAL that the replication slot ${name} still needed (max_slot_wal_keep_size). Roll the step back, which removes the copy, raise that setting, and run it again.`,
    );
  }
  const held = Number(row.held ?? 0);
  if (held > maxWalBytes) {
    throw new Stopped(
      `The replication slot ${name} holds back ${sizeText(held)} of WAL, more than x-stream.maxWal allows (${sizeText(maxWalBytes)}). The disk of the publisher fills while the subscriber does not keep up. Look at the subscriber, and retry; or roll the step back, which drops the slot.`,
    );
  }
  const written = BigInt(row.written ?? 0);
  const confirmed = BigInt(row.confirmed ?? 0);
  const behind = Number(written - confirmed);
  return { written, confirmed, lagBytes: Math.max(0, behind) };
}

/** The columns of tables as one text. */
export async function columnsOf(
  session: Session,
  tables: readonly TableName[],
  { omit }: Pick<StreamAction, 'omit'>,
): Promise<string> {
  const { rows } = await session.query(
    `select attrelid::regclass::text || '.' || attname || ' ' || format_type(atttypid, atttypmod) as name from pg_attribute
where attrelid = any ($1::regclass[]) and attnum > 0 and not attisdropped and attgenerated = '' and attname <> all ($2::text[]) order by 1`,
    [tables.map(quotedTable), omit],
  );
  return rows.map(({ name }) => name ?? '').join('\n');
}

/** Throws `Stopped` when the tables are not what they were. */
export function checkColumns(before: string, now: string): void {
  if (before === now) return;
  const lines = (text: string): readonly string[] => text.split('\n');
  const gone = lines(before).filter((line) => !lines(now).includes(line));
  const added = lines(now).filter((line) => !lines(before).includes(line));
  throw new Stopped(
    `The columns of the source were changed while it is kept in step: ${[...gone.map((line) => `"${line}" is gone`), ...added.map((line) => `"${line}" is new`)].join(', ')}. Replication carries no DDL. Change them back and retry, or roll the step back and run it again.`,
  );
}
