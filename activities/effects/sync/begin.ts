/** The first and the last transactions of a pair: its triggers and its rows of `sluice.sync`. Each finds what an earlier attempt did. */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { SyncAction } from '../../../strategy/plan.js';
import type { EffectJob } from '../../contract.js';
import { point } from '../../fault-points.js';
import type { Session } from '../../sql/session.js';
import type { Ending } from '../rows/ending.js';
import { quotedTable, readTable, type Table } from '../rows/table.js';
import { createTracking, dropTracking, isTracked } from './changes.js';
import { checkSync } from './preflight.js';
import { guardOfSync, holdSync, nameOf, type Role, type SyncState, writeSync } from './state.js';

export interface Sides {
  readonly source: Session;
  readonly target: Session;
}

type Job = EffectJob<SyncAction>;

/** Rolls back what throws or fails. */
export async function committing(
  session: Session,
  lockTimeoutMs: number,
  work: () => Promise<Ending>,
): Promise<Ending> {
  await session.query('begin');
  try {
    await session.query("select set_config('lock_timeout', $1, true)", [String(lockTimeoutMs)]);
    const ending = await work();
    if (ending.outcome === 'failed') {
      await session.querySteadily('rollback');
      return ending;
    }
    point('before-commit');
    await session.querySteadily('commit');
    point('after-commit');
    return ending;
  } catch (error) {
    await session.querySteadily('rollback').catch(() => undefined);
    throw error;
  }
}

/** The target first: what it says of the pair decides. The changes of the source are noted before its rows are copied. */
export async function start(sides: Sides, job: Job, id: string, lockTimeoutMs: number): Promise<Ending> {
  const { source, target } = sides;
  const { action } = job;
  const found = await committing(target, lockTimeoutMs, async () => {
    const held = await holdSync(target, id, 'target');
    if (held?.state === 'undone') return { outcome: 'failed', cause: 'It has been taken back meanwhile.' };
    if (held !== null) return DONE;
    await source.query('begin');
    const checked = await checkSync(source, target, action);
    await source.query('rollback');
    const other = await othersOf(target, action);
    if (checked.pair === null || checked.problems.length > 0 || other.length > 0) {
      return { outcome: 'failed', cause: refusal([...checked.problems, ...other]) };
    }
    if (action.conflicts !== null)
      await track(target, 'target', id, action, checked.pair.target, checked.pair.target);
    await writeSync(target, job, 'target', { id, state: 'running', mark: null, rounds: 0 });
    return DONE;
  });
  if (found.outcome === 'failed') return found;
  const tables = await tablesOf(sides, action);
  return committing(source, lockTimeoutMs, async () => {
    const held = await holdSync(source, id, 'source');
    if (held?.state === 'undone') return { outcome: 'failed', cause: 'It has been taken back meanwhile.' };
    if (held === null) {
      if (action.detect.by === 'tracking') {
        if (tables === null) return { outcome: 'failed', cause: MISSING };
        await track(source, 'source', id, action, tables.source, tables.target);
      }
      await writeSync(source, job, 'source', { id, state: 'running', mark: null, rounds: 0 });
    }
    return {
      outcome: 'done',
      output: `the changes of ${tableText(action.source)} are followed from now on\n`,
    };
  });
}

export const DONE: Ending = { outcome: 'done', output: '' };
export const MISSING = 'A table of the item, or its key, does not exist any more.';

export async function tablesOf(
  { source, target }: Sides,
  action: SyncAction,
): Promise<{ readonly source: Table; readonly target: Table } | null> {
  const from = await readTable(source, action.source);
  const to = await readTable(target, action.target);
  return from === null || to === null || to.key.length === 0 ? null : { source: from, target: to };
}

/** Within a transaction: from its commit on, every change is noted. */
export async function track(
  session: Session,
  role: Role,
  id: string,
  action: SyncAction,
  table: Table,
  keyed: Table,
): Promise<void> {
  const name = nameOf(id, role);
  if (await isTracked(session, name)) return;
  const truncate = action.conflicts === null && role === 'source' ? 'note' : 'refuse';
  const tracked = { name, guard: guardOfSync(id), truncate } as const;
  for (const statement of createTracking(tracked, table, keyed.key)) await session.query(statement);
}

/** Drops the triggers of both sides; an undo of what never began notes that, so that a slow start does not begin any more. */
export async function end(sides: Sides, job: Job, id: string, lockTimeoutMs: number): Promise<Ending> {
  const { action } = job;
  const state: SyncState = action.do === 'finish' ? 'finished' : 'undone';
  for (const role of ['target', 'source'] as const) {
    const session = sides[role];
    const ended = await committing(session, lockTimeoutMs, async () => {
      const held = await holdSync(session, id, role);
      const known = held ?? { id, mark: null, rounds: 0 };
      await writeSync(session, job, role, { ...known, id, state });
      const table = quotedTable(action[role]);
      const there = (await readTable(session, action[role])) !== null;
      for (const statement of dropTracking(nameOf(id, role), there ? table : null))
        await session.query(statement);
      await session.query('delete from sluice.sync_pending where id = $1', [id]);
      await session.query(
        "update sluice.conflicts set state = 'closed', note = $2, at = now() where sync = $1 and state = 'open'",
        [id, 'the rounds have ended'],
      );
      return DONE;
    });
    if (ended.outcome === 'failed') return ended;
  }
  return { outcome: 'done', output: `the changes of ${tableText(action.source)} are followed no more\n` };
}

async function othersOf(session: Session, { source, target }: SyncAction): Promise<readonly string[]> {
  const { rows } = await session.query(
    `select item, run from sluice.sync where state in ('running', 'cut_over') and role = 'target' and source = $1 and target = $2`,
    [quotedTable(source), quotedTable(target)],
  );
  return rows.map(
    ({ item, run }) =>
      `${tableText(source)} and ${tableText(target)} are kept in step by ${item ?? ''} of the run ${run ?? ''} already. End it first: its step ITEM/finish, or its rollback.`,
  );
}

function refusal(problems: readonly string[]): string {
  if (problems.length === 1) return `${problems[0] ?? ''} Nothing was changed.`;
  return `${problems.length} problems, and nothing was changed:\n${problems.map((problem) => `- ${problem}`).join('\n')}`;
}
