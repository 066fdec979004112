/**
 * One batch: its rows and the row of the transfer commit together. It runs at REPEATABLE READ, so that the end of the range, the
 * count and the change see the same rows; a row that somebody changes meanwhile makes the batch begin anew.
 */
import pg from 'pg';
import type { RowsAction } from '../../../strategy/plan.js';
import type { EffectJob } from '../../contract.js';
import { point } from '../../fault-points.js';
import { serverMessage } from '../../sql/failure.js';
import type { Session } from '../../sql/session.js';
import type { Pass } from './pass.js';
import { between, countIn, exactly, nextEnd, type Range } from './range.js';
import { quoted } from './table.js';
import { holdTransfer, type Transfer, writeTransfer } from './transfer.js';

/** Milliseconds a statement of a batch may take; then the batch is halved. */
const STATEMENT_MS = 60_000;
/** A transaction that its worker has forgotten is ended by the server after this long. */
const IDLE_MS = 15_000;

export interface Work {
  readonly job: EffectJob<RowsAction>;
  readonly id: string;
  readonly pass: Pass;
  readonly lockTimeoutMs: number;
}

/** Another attempt acts on the transfer, or what this one does has been taken back. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** The server refuses the rows of a batch because of what is in them. */
export class BadRows extends Error {
  override readonly name = 'BadRows';

  constructor(
    readonly rows: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A statement dropped rows without an error, as a trigger that returns NULL does. */
export class Unbalanced extends Error {
  override readonly name = 'Unbalanced';
}

/** Begins the transaction of a batch; rolls it back when the work throws. */
export async function inTransaction<T>(
  session: Session,
  lockTimeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  await session.query('begin isolation level repeatable read');
  try {
    await session.query(
      `select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),
  set_config('idle_in_transaction_session_timeout', $3, true), set_config('datestyle', 'ISO, YMD', true),
  set_config('intervalstyle', 'postgres', true), set_config('extra_float_digits', '1', true)`,
      [String(lockTimeoutMs), String(STATEMENT_MS), String(IDLE_MS)],
    );
    const result = await work();
    point('before-commit');
    await session.querySteadily('commit');
    point('after-commit');
    return result;
  } catch (error) {
    if (error instanceof pg.DatabaseError || !isLost(error)) await session.querySteadily('rollback');
    throw error;
  }
}

function isLost(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConnectionLost';
}

/** The transfer as it is now, if this attempt may act on it. Throws `Overtaken`. */
export async function hold(session: Session, { job, id }: Work): Promise<Transfer> {
  const transfer = await holdTransfer(session, id);
  const state = job.action.direction === 'apply' ? 'applying' : 'undoing';
  if (transfer?.state === state && transfer.attempt === job.key.attempt) return transfer;
  throw new Overtaken('Another attempt at the same rows has begun, or they have been undone.');
}

/** Changes the next rows, at most `size`; null when none is left. Throws `BadRows` and `Unbalanced`, and then nothing was done. */
export async function nextBatch(session: Session, work: Work, size: number): Promise<Transfer | null> {
  const { job, id, pass, lockTimeoutMs } = work;
  return inTransaction(session, lockTimeoutMs, async () => {
    const transfer = await hold(session, work);
    const { lastKey, upperKey } = transfer;
    if (upperKey === null) return null;
    const next = await nextEnd(session, pass, between(pass.key, lastKey, upperKey), size);
    if (next === null) return null;
    const done = await change(session, work, between(pass.key, lastKey, next.end), next.rows);
    const after = added(transfer, { ...done, lastKey: next.end });
    await writeTransfer(session, job, id, after);
    return after;
  });
}

/** Sets the next row aside, because the server refuses it. In an undo it stays among the saved rows. */
export async function setAside(session: Session, work: Work, refused: BadRows): Promise<Transfer | null> {
  const { job, id, pass, lockTimeoutMs } = work;
  return inTransaction(session, lockTimeoutMs, async () => {
    const transfer = await hold(session, work);
    const { lastKey, upperKey } = transfer;
    if (upperKey === null) return null;
    const next = await nextEnd(session, pass, between(pass.key, lastKey, upperKey), 1);
    if (next === null) return null;
    const undo = job.action.direction === 'undo';
    if (!undo) await quarantine(session, work, next.end, refused);
    const counts = undo ? { filtered: 1, quarantined: 0 } : { filtered: 0, quarantined: 1 };
    const after = added(transfer, { read: 1, written: 0, ...counts, lastKey: next.end });
    await writeTransfer(session, job, id, after);
    return after;
  });
}

async function quarantine(
  session: Session,
  { id, pass }: Work,
  key: readonly string[],
  refused: BadRows,
): Promise<void> {
  const range = exactly(pass.key, key);
  const at = range.values.length;
  await session.query(
    `insert into sluice.quarantine (transfer, key, row, sqlstate, error)
select $${at + 1}::text, $${at + 2}::text[], to_jsonb(t), $${at + 3}::text, $${at + 4}::text from ${pass.over} t where ${range.sql}
on conflict (transfer, key) do update set row = excluded.row, sqlstate = excluded.sqlstate, error = excluded.error, at = now()`,
    [...range.values, id, key, refused.code, refused.message],
  );
}

/** Tries a row again that was set aside; throws `BadRows` when it still is refused. A row that is gone is not counted any more. */
export async function replay(session: Session, work: Work, key: readonly string[]): Promise<Transfer> {
  const { job, id, pass, lockTimeoutMs } = work;
  return inTransaction(session, lockTimeoutMs, async () => {
    const transfer = await hold(session, work);
    await session.query('delete from sluice.quarantine where transfer = $1 and key = $2::text[]', [id, key]);
    const range = exactly(pass.key, key);
    const rows = await countIn(session, pass.over, range, null);
    const done = await change(session, work, range, rows);
    const after = added(transfer, { ...done, read: rows - 1, quarantined: -1, lastKey: transfer.lastKey });
    await writeTransfer(session, job, id, after);
    return after;
  });
}

type Done = Pick<Transfer, 'read' | 'written' | 'filtered' | 'quarantined'>;

/** Changes the rows of a range and accounts for each of them. */
async function change(session: Session, { job, pass }: Work, range: Range, rows: number): Promise<Done> {
  const undo = job.action.direction === 'undo';
  const condition = pass.where === null ? null : `(${pass.where}) is not true`;
  try {
    // Counted before, because the statement may delete what it reads.
    const left = condition === null ? 0 : await countIn(session, pass.over, range, condition);
    const answer = await session.query(pass.statement(range.sql), range.values, STATEMENT_MS);
    const written = answer.rowCount ?? 0;
    const filtered = undo ? rows - written : left;
    if (rows !== written + filtered) {
      throw new Unbalanced(
        `Of ${rows} rows read, ${written} were written and ${filtered} filtered; the rest vanished without an error. Look for a trigger, a rule or a row security policy on the table that keeps rows back. These rows were rolled back.`,
      );
    }
    return { read: rows, written, filtered, quarantined: 0 };
  } catch (error) {
    if (error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '')) {
      throw new BadRows(rows, error.code ?? '', serverMessage(error));
    }
    throw error;
  }
}

function added(transfer: Transfer, done: Done & Pick<Transfer, 'lastKey'>): Transfer {
  return {
    ...transfer,
    lastKey: done.lastKey,
    read: transfer.read + done.read,
    written: transfer.written + done.written,
    filtered: transfer.filtered + done.filtered,
    quarantined: transfer.quarantined + done.quarantined,
  };
}

/** The keys that were set aside. */
export async function quarantinedKeys(session: Session, id: string): Promise<readonly string[]> {
  const { rows } = await session.query(
    'select to_json(key)::text as key from sluice.quarantine where transfer = $1 order by key',
    [id],
  );
  return rows.flatMap(({ key }) => (key == null ? [] : [key]));
}

/** Lets the sequences of a target go on after the values that were copied. */
export async function advanceSequences(
  session: Session,
  table: {
    readonly name: string;
    readonly columns: readonly { readonly name: string; readonly sequence: string | null }[];
  },
): Promise<void> {
  for (const { name, sequence } of table.columns) {
    if (sequence === null) continue;
    await session.query(
      `select setval($1::regclass, max(${quoted(name)}), true) from ${table.name} having max(${quoted(name)}) > 0`,
      [sequence],
    );
  }
}
