/** The first transaction of a transfer or of its undo: what it finds, and what it refuses. */
import type { RowsAction } from '../../../strategy/plan.js';
import type { EffectJob } from '../../contract.js';
import type { Session } from '../../sql/session.js';
import { inBatch } from './batch.js';
import { divide, markParts } from './parts.js';
import { type Pass, passOf } from './pass.js';
import { findTables, preflight, tryPass } from './preflight.js';
import { lastKeyOf } from './range.js';
import { quoted, type Table } from './table.js';
import { holdTransfer, NO_ROWS, readFrom, savedTable, type Transfer, writeTransfer } from './transfer.js';

/** How it can go on. */
export type Beginning =
  | {
      readonly kind: 'go';
      readonly pass: Pass;
      readonly transfer: Transfer;
      readonly target: Table | null;
      /** Rows, as the planner of Postgres estimates them; null when it has no estimate. */
      readonly estimate: number | null;
    }
  /** Nothing is left to do. `transfer`: what was done before; null when nothing ever was. */
  | { readonly kind: 'already'; readonly transfer: Transfer | null }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/** `source`: where the table of the source is; the same as `session`, unless its rows go to another database. */
export async function begin(
  session: Session,
  source: Session,
  job: EffectJob<RowsAction>,
  { id, lockTimeoutMs }: { readonly id: string; readonly lockTimeoutMs: number },
): Promise<Beginning> {
  const change = job.action.direction === 'apply' ? beginChange : beginUndo;
  return inBatch(session, { from: source, lockTimeoutMs }, () => change({ session, from: source }, job, id));
}

/** Where the target and the transfer are, and where the source is. */
interface Sessions {
  readonly session: Session;
  readonly from: Session;
}

async function beginChange(
  { session, from }: Sessions,
  job: EffectJob<RowsAction>,
  id: string,
): Promise<Beginning> {
  const { action, key } = job;
  const found = await holdTransfer(session, id);
  if (found?.state === 'applied') return { kind: 'already', transfer: found };
  if (found !== null && (found.state !== 'applying' || found.attempt > key.attempt)) {
    return { kind: 'refused', problems: ['A later attempt has begun, or the rows have been undone.'] };
  }
  const tables = await findTables(session, from, action, readFrom(job));
  const { source, target } = tables;
  const problems = found === null ? await preflight(session, action, tables) : [];
  if (source === null || source.key.length === 0 || ('target' in action.change && target === null)) {
    return { kind: 'refused', problems: orMissing(problems) };
  }
  const saved = savedTable(id);
  const pass = passOf(action, { source, target, saved });
  if (found === null) {
    if (!['copy', 'join', 'fill', 'deliver'].includes(action.change.do))
      await createSaved(session, saved, source);
    const all = [...problems, ...(await tryPass(session, from, pass))];
    if (all.length > 0) {
      await session.query(`drop table if exists ${saved}`);
      return { kind: 'refused', problems: all };
    }
  }
  const state = 'applying';
  const transfer: Transfer =
    found === null
      ? {
          ...NO_ROWS,
          state,
          attempt: key.attempt,
          lastKey: null,
          upperKey: await lastKeyOf(from, pass),
          rate: null,
        }
      : { ...found, attempt: key.attempt };
  await writeTransfer(session, job, id, transfer);
  if (found === null) await divide(session, from, job, { id, pass, transfer });
  else await markParts(session, id, transfer);
  return { kind: 'go', pass, transfer, target, estimate: await estimateOf(from, pass.over) };
}

/** An undo of what never began notes that, so that a slow attempt at the change does not begin any more. */
async function beginUndo(
  { session, from }: Sessions,
  job: EffectJob<RowsAction>,
  id: string,
): Promise<Beginning> {
  const { action, key } = job;
  const found = await holdTransfer(session, id);
  if (found === null) {
    const never = { ...NO_ROWS, attempt: key.attempt, lastKey: null, upperKey: null };
    await writeTransfer(session, job, id, { ...never, state: 'undone' });
    return { kind: 'already', transfer: null };
  }
  if (found.state === 'undone') return { kind: 'already', transfer: found };
  if (found.state === 'undoing' && found.attempt > key.attempt) {
    return { kind: 'refused', problems: ['A later attempt at the undo has begun.'] };
  }
  const { source, target } = await findTables(session, from, action, readFrom(job));
  if (source === null || source.key.length === 0 || ('target' in action.change && target === null)) {
    return { kind: 'refused', problems: orMissing([]) };
  }
  const pass = passOf(action, { source, target, saved: savedTable(id) });
  // A deliberate retry of the undo tries again what the one before it had to leave.
  const resumed = found.state === 'undoing' && found.attempt === key.attempt;
  // Of a copy that was not finished, the keys in the order of the target are not known yet.
  const known = action.change.do === 'copy' && (from === session || found.state === 'applied');
  const upperKey = known ? found.upperKey : await lastToUndo(session, action, pass, found);
  const transfer: Transfer = resumed
    ? found
    : { ...found, ...NO_ROWS, state: 'undoing', attempt: key.attempt, lastKey: null, upperKey };
  await writeTransfer(session, job, id, transfer);
  // Whoever still works on a part of the change ends: nothing is changed any more behind the undo.
  await markParts(session, id, { state: 'undone', attempt: key.attempt });
  return { kind: 'go', pass, transfer, target, estimate: await estimateOf(session, pass.over) };
}

async function lastToUndo(
  session: Session,
  { change }: RowsAction,
  pass: Pass,
  { lastKey }: Transfer,
): Promise<Transfer['upperKey']> {
  // What has not been delivered is not ours, even if it has the same key.
  return change.do === 'deliver' ? lastKey : lastKeyOf(session, pass);
}

function orMissing(problems: readonly string[]): readonly string[] {
  return problems.length > 0 ? problems : ['A table of the item, or its key, does not exist any more.'];
}

async function createSaved(session: Session, saved: string, source: Table): Promise<void> {
  const key = source.key.map(({ name }) => quoted(name)).join(', ');
  await session.query(
    `create table ${saved} as select t.*, null::text as sluice_after from ${source.name} t with no data;
alter table ${saved} add primary key (${key})`,
  );
}

async function estimateOf(session: Session, over: string): Promise<number | null> {
  const [row] = (
    await session.query('select reltuples::bigint::text as rows from pg_class where oid = to_regclass($1)', [
      over,
    ])
  ).rows;
  const rows = Number(row?.rows ?? -1);
  return rows > 0 ? rows : null;
}
