/** Waits until one side has what the other one has written. */
import type { StreamAction } from '../../../strategy/plan.js';
import { interruption, pause } from '../../attempt.js';
import type { Session } from '../../sql/session.js';
import { quotedTable } from '../rows/table.js';
import { checkColumns, columnsOf, positionOf } from './health.js';
import type { Direction } from './objects.js';
import { Interrupted, type Setting } from './setting.js';
import type { Watch } from './watch.js';

/** Copying and catching up are looked at once a second; a drain holds up clients. */
const LOOK_MS = 1_000;
const DRAIN_LOOK_MS = 50;

export interface Limits {
  /** What the columns of the publisher must still be; null where nobody has noted them. */
  readonly columns: string | null;
  /** Bytes that the slot may hold back. */
  readonly maxWalBytes: number;
}

/** Until every table is copied and the target is not further behind than the item allows. Throws `Stopped`, `Interrupted`. */
export async function untilInSync(
  setting: Setting,
  direction: Direction,
  watch: Watch,
  { columns, maxWalBytes }: Limits,
): Promise<string> {
  const { progress, job } = setting;
  const { tables, maxLagMs } = job.action;
  const written: { readonly lsn: bigint; readonly at: number }[] = [];
  for (;;) {
    goesOn(setting);
    if (columns !== null) {
      checkColumns(columns, await columnsOf(direction.publisher, tables, job.action));
    }
    const position = await positionOf(direction, maxWalBytes);
    const copied = await watch.copied(tables.length);
    await watch.look(`${position.confirmed} ${copied.ready} ${copied.rows}`);
    if (copied.ready < tables.length) {
      progress.copying(
        copied.rows,
        await estimateOf(direction.publisher, job.action),
        copied.ready,
        tables.length,
      );
      await pause(LOOK_MS);
      continue;
    }
    // How old the newest change is that the target has confirmed, at most.
    written.push({ lsn: position.written, at: Date.now() });
    while ((written[1]?.lsn ?? position.confirmed + 1n) <= position.confirmed) written.shift();
    const [oldest] = written;
    const reached = oldest !== undefined && oldest.lsn <= position.confirmed;
    const lagMs = oldest === undefined ? 0 : Date.now() - oldest.at;
    const inSync = reached && lagMs <= maxLagMs;
    progress.behind(inSync ? 'in sync' : 'catching up', position.lagBytes, lagMs);
    if (inSync) return progress.sentence;
    await pause(LOOK_MS / 4);
  }
}

/**
 * Until the subscriber has confirmed everything that is written by now. The writers must be fenced.
 * @returns the position, as Postgres writes it
 */
export async function drain(
  setting: Setting,
  direction: Direction,
  watch: Watch,
  what: string,
): Promise<string> {
  const { publisher } = direction;
  const [row] = (
    await publisher.query(
      "select pg_current_wal_flush_lsn()::text as lsn, (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::text as bytes",
    )
  ).rows;
  const fixed = BigInt(row?.bytes ?? 0);
  const lsn = row?.lsn ?? '';
  // Something behind it, so that the reader is told of a position that is not before it.
  await publisher.query("select pg_logical_emit_message(false, 'sluice', 'drain')");
  for (;;) {
    goesOn(setting);
    const position = await positionOf(direction, Number.POSITIVE_INFINITY);
    if (position.confirmed >= fixed) return lsn;
    await watch.look(String(position.confirmed));
    setting.progress.say(`${what}: draining to ${lsn}, ${Number(fixed - position.confirmed)} bytes are left`);
    await pause(DRAIN_LOOK_MS);
  }
}

/** Throws `Interrupted` when it may not go on. */
export function goesOn({ deadline }: Pick<Setting, 'deadline'>): void {
  if (interruption() !== null || Date.now() >= deadline) throw new Interrupted();
}

/** Rows that there are to copy; null when the server does not know. */
export async function estimateOf(publisher: Session, { tables }: StreamAction): Promise<number | null> {
  const [row] = (
    await publisher.query(
      'select sum(greatest(reltuples, 0))::bigint::text as rows from pg_class where oid = any ($1::regclass[])',
      [tables.map(quotedTable)],
    )
  ).rows;
  const rows = Number(row?.rows ?? 0);
  return rows > 0 ? rows : null;
}
