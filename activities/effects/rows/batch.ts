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
import type { ByKeys, Pass } from './pass.js';
import { type Program, ProgramFailed } from './program.js';
import { between, countIn, exactly, nextEnd, type Range, setKeys } from './range.js';
import { quoted, readTexts } from './table.js';
import { holdTransfer, type Transfer, writeTransfer } from './transfer.js';
import { type Answered, writeThrough } from './write-through.js';

/** Milliseconds a statement of a batch may take; then the batch is halved. */
const STATEMENT_MS = 60_000;
/** "External routine exception". */
const PROGRAM_FAILED = '38000';
/** A transaction that its worker has forgotten is ended by the server after this long. */
const IDLE_MS = 15_000;
/** The same where it waits for three statements of another database. */
const IDLE_BETWEEN_MS = IDLE_MS + 3 * STATEMENT_MS;

export interface Work {
  /** Where the rows are read: the session of the batch itself, unless they go to another database. */
  readonly from: Session;
  readonly job: EffectJob<RowsAction>;
  readonly id: string;
  readonly pass: Pass;
  readonly lockTimeoutMs: number;
  /** What each row passes through; null for what SQL says. */
  readonly program: Program | null;
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
  idleMs = IDLE_MS,
): Promise<T> {
  await session.query('begin isolation level repeatable read');
  try {
    await setUp(session, lockTimeoutMs, idleMs);
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

async function setUp(session: Session, lockTimeoutMs: number, idleMs: number): Promise<void> {
  await session.query(
    `select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),
  set_config('idle_in_transaction_session_timeout', $3, true), set_config('datestyle', 'ISO, YMD', true),
  set_config('intervalstyle', 'postgres', true), set_config('extra_float_digits', '1', true)`,
    [String(lockTimeoutMs), String(STATEMENT_MS), String(idleMs)],
  );
}

/** The transaction of a batch; where its rows come from another database, that one is read at one snapshot meanwhile. */
export async function inBatch<T>(
  session: Session,
  { from, lockTimeoutMs }: Pick<Work, 'from' | 'lockTimeoutMs'>,
  work: () => Promise<T>,
): Promise<T> {
  if (from === session) return inTransaction(session, lockTimeoutMs, work);
  const reading = async (): Promise<T> => {
    await from.query('begin isolation level repeatable read read only');
    try {
      await setUp(from, lockTimeoutMs, IDLE_BETWEEN_MS);
      return await work();
    } finally {
      // Nothing was written there. When the connection is gone, so is the transaction.
      await from.querySteadily('rollback').catch(() => undefined);
    }
  };
  return inTransaction(session, lockTimeoutMs, reading, IDLE_BETWEEN_MS);
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
  const { job, id, pass, from } = work;
  return inBatch(session, work, async () => {
    const transfer = await hold(session, work);
    const { lastKey, upperKey } = transfer;
    if (upperKey === null) return null;
    const left = { rest: between(pass.key, lastKey, upperKey), upTo: upperKey };
    const next = await nextEnd(from, pass, left, size);
    if (next === null) return null;
    const done = await change(session, work, between(pass.key, lastKey, next.end), next.rows);
    const after = added(transfer, { ...done, lastKey: next.end });
    await writeTransfer(session, job, id, after);
    return after;
  });
}

/** Sets the next row aside, because the server refuses it. In an undo it stays among the saved rows. */
export async function setAside(session: Session, work: Work, refused: BadRows): Promise<Transfer | null> {
  const { job, id, pass, from } = work;
  return inBatch(session, work, async () => {
    const transfer = await hold(session, work);
    const { lastKey, upperKey } = transfer;
    if (upperKey === null) return null;
    const left = { rest: between(pass.key, lastKey, upperKey), upTo: upperKey };
    const next = await nextEnd(from, pass, left, 1);
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
  { id, pass, from }: Work,
  key: readonly string[],
  refused: BadRows,
): Promise<void> {
  const range = exactly(pass.key, key);
  const row = `select to_jsonb(t)::text as row from ${pass.over} t where ${range.sql}`;
  const [found] = (await from.query(row, range.values)).rows;
  await session.query(
    `insert into sluice.quarantine (transfer, key, row, sqlstate, error) values ($1, $2::text[], $3::jsonb, $4, $5)
on conflict (transfer, key) do update set row = excluded.row, sqlstate = excluded.sqlstate, error = excluded.error, at = now()`,
    [id, key, found?.row ?? null, refused.code, refused.message],
  );
}

/** Tries a row again that was set aside; throws `BadRows` when it still is refused. A row that is gone is not counted any more. */
export async function replay(session: Session, work: Work, key: readonly string[]): Promise<Transfer> {
  const { job, id, pass, from } = work;
  return inBatch(session, work, async () => {
    const transfer = await hold(session, work);
    await session.query('delete from sluice.quarantine where transfer = $1 and key = $2::text[]', [id, key]);
    const range = exactly(pass.key, key);
    const rows = await countIn(from, pass.over, range, null);
    const done = await change(session, work, range, rows);
    const after = added(transfer, { ...done, read: rows - 1, quarantined: -1, lastKey: transfer.lastKey });
    await writeTransfer(session, job, id, after);
    return after;
  });
}

type Done = Pick<Transfer, 'read' | 'written' | 'filtered' | 'quarantined'>;

/** Changes the rows of a range and accounts for each of them. */
async function change(session: Session, work: Work, range: Range, rows: number): Promise<Done> {
  const { job, pass, from } = work;
  const undo = job.action.direction === 'undo';
  const condition = pass.where === null ? null : `(${pass.where}) is not true`;
  try {
    // Counted before, because the statement may delete what it reads.
    const left = condition === null ? 0 : await countIn(from, pass.over, range, condition);
    const { written, filtered: refused } = await write(session, work, range);
    const filtered = undo ? rows - written : left + refused;
    if (rows !== written + filtered) {
      throw new Unbalanced(
        `Of ${rows} rows read, ${written} were written and ${filtered} filtered; the rest vanished without an error. Look for a trigger, a rule or a row security policy on the table that keeps rows back. These rows were rolled back.`,
      );
    }
    return { read: rows, written, filtered, quarantined: 0 };
  } catch (error) {
    if (error instanceof ProgramFailed) throw new BadRows(rows, PROGRAM_FAILED, error.message);
    if (error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '')) {
      throw new BadRows(rows, error.code ?? '', serverMessage(error));
    }
    throw error;
  }
}

/** Returns how many rows were written, and how many a program left out. */
async function write(session: Session, work: Work, range: Range): Promise<Answered> {
  const { from, pass, program } = work;
  const { statement, pipe, through, byKeys } = pass;
  if (byKeys !== null) return removeByKeys(session, work, byKeys, range);
  if (through !== null && program !== null) {
    return writeThrough(session, from, range, { statements: through, program, limitMs: STATEMENT_MS });
  }
  if (pipe === null) {
    const { rowCount } = await session.query(statement(range.sql), range.values, STATEMENT_MS);
    return { written: rowCount ?? 0, filtered: 0 };
  }
  await setKeys(from, range);
  if (pipe.guard !== null) await session.query('select set_config($1, $2, true)', [pipe.guard, 'on']);
  const written = await from.pipe(pipe.out(range.bySettings), session, pipe.in, STATEMENT_MS);
  return { written, filtered: 0 };
}

/** Whoever deleted one of them since has done it already. What was set aside was never written. */
async function removeByKeys(
  session: Session,
  { id, from, pass }: Work,
  { read, remove }: ByKeys,
  range: Range,
): Promise<Answered> {
  const { rows } = await from.query(read(range.sql), range.values, STATEMENT_MS);
  const refused = new Set(await quarantinedKeys(session, id));
  const keys = rows.flatMap(({ key }) => (key == null || refused.has(key) ? [] : [readTexts(key) ?? []]));
  const columns = pass.key.map((_, index) => keys.map((parts) => parts[index] ?? ''));
  if (keys.length > 0) await session.query(remove, columns, STATEMENT_MS);
  return { written: rows.length, filtered: 0 };
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
