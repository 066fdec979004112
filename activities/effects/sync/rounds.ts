/** Rounds until both sides are in step, the last ones before the target takes over, and those of the way back. */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { SyncAction } from '../../../strategy/plan.js';
import type { RowsToSettle } from '../../../strategy/reconcile/settle.js';
import { firstScheduledAt, interruption, pause } from '../../attempt.js';
import type { EffectJob } from '../../contract.js';
import { advanceSequences } from '../rows/batch.js';
import type { Ending } from '../rows/ending.js';
import { refusedBy } from './apply.js';
import { committing, DONE, MISSING, type Sides, tablesOf, track } from './begin.js';
import { bothWays } from './both-ways.js';
import { COMPARED_EVERY_MS, unexplained } from './compared.js';
import { openConflicts } from './conflicts.js';
import { type Flow, type Flows, flowsOf } from './flow.js';
import { oneWay, type Round } from './one-way.js';
import type { Course } from './progress.js';
import { noteAnswer, openReview } from './reviews.js';
import { holdSync, writeSync } from './state.js';

/** Rounds of a cut-over that may still find something; then somebody must be writing. */
const MOST_LAST_ROUNDS = 10;

export interface Running {
  readonly job: EffectJob<SyncAction>;
  readonly id: string;
  readonly sides: Sides;
  readonly lockTimeoutMs: number;
  /** Milliseconds since 1970. */
  readonly deadline: number;
  readonly course: Course;
}

/** Null when it was interrupted or its time is up. Throws what the databases answer, and `Ended`. */
export async function untilInStep(running: Running): Promise<Ending | null> {
  const { job, course } = running;
  const {
    maxLagMs,
    periodMs,
    intervalMs,
    reviewing = false,
    since = firstScheduledAt(),
    answer,
  } = job.action;
  const flows = await open(running);
  if (flows === null) return { outcome: 'failed', cause: MISSING };
  if (answer !== undefined) await noteAnswer(flows, answer);
  const comparing = { at: 0 };
  for (;;) {
    const began = Date.now();
    const round = await roundOf(running, flows, false);
    if (!round.whole) return null;
    const lagMs = Date.now() - began;
    const unsettled = await openConflicts(flows.forward);
    course.round(round, lagMs, unsettled);
    const asks = reviewing || unsettled === 0 ? null : await asksOf(running, flows);
    if (asks !== null) return { outcome: 'done', output: `${course.summary()}\n`, asks };
    const inStep = lagMs <= maxLagMs && round.putOff === 0;
    const over = Date.now() >= Date.parse(since) + periodMs;
    if (reviewing && Date.now() >= running.deadline) return { outcome: 'done', output: '' };
    const ending = inStep ? await whenInStep(running, flows, over && !reviewing, comparing) : null;
    if (ending !== null) return ending;
    if (inStep) await pause(Math.min(intervalMs, Math.max(0, running.deadline - Date.now())));
    if (interruption() !== null || Date.now() >= running.deadline) return null;
  }
}

/** Whether both sides agree, and whether the rounds may end; null when they go on. `comparing`: when they were compared, in milliseconds since 1970. */
async function whenInStep(
  { job: { action }, course }: Running,
  flows: Flows,
  over: boolean,
  comparing: { at: number },
): Promise<Ending | null> {
  if (action.compares === true && (over || Date.now() - comparing.at >= COMPARED_EVERY_MS)) {
    const cause = await unexplained(flows, action);
    if (cause !== null) return { outcome: 'failed', cause };
    comparing.at = Date.now();
  }
  if (!over) return null;
  const refused = await refusedRows([flows.forward, flows.back]);
  if (refused !== null) return { outcome: 'failed', cause: refused };
  return { outcome: 'done', output: `${course.summary()}\n` };
}

/** Nobody writes to the source any more: nothing may be left, and no conflict open. Then the target takes over. */
export async function lastRounds(running: Running): Promise<Ending | null> {
  const { job, id, sides, lockTimeoutMs, course } = running;
  const { action } = job;
  const { target } = sides;
  const held = await holdSync(target, id, 'target');
  if (held?.state === 'cut_over') return { outcome: 'done', output: 'already done\n' };
  const flows = await open(running);
  if (flows === null) return { outcome: 'failed', cause: MISSING };
  if (action.answer !== undefined) await noteAnswer(flows, action.answer);
  const left = await untilNothing(running, (full) => roundOf(running, flows, full), action.source);
  if (left === null || left.outcome === 'failed') return left;
  const asks = await asksOf(running, flows);
  if (asks !== null) return { outcome: 'done', output: `${course.summary()}\n`, asks };
  const unsettled = await openConflicts(flows.forward);
  if (unsettled > 0) return { outcome: 'failed', cause: openText(action, unsettled) };
  const refused = await refusedRows([flows.forward, flows.back]);
  if (refused !== null) return { outcome: 'failed', cause: refused };
  return committing(target, lockTimeoutMs, async () => {
    const now = await holdSync(target, id, 'target');
    if (now === null || now.state !== 'running') return { outcome: 'failed', cause: MISSING };
    if (action.returns)
      await track(target, 'target', id, action, flows.forward.to.table, flows.forward.to.table);
    await advanceSequences(target, flows.forward.to.table);
    await target.query(`analyze ${flows.forward.to.table.name}`, [], 600_000);
    await writeSync(target, job, 'target', { ...now, state: 'cut_over' });
    return { outcome: 'done', output: `${tableText(action.target)} takes over: ${course.summary()}\n` };
  });
}

/** The source takes over again, with what clients have written to the target since. */
export async function roundsBack(running: Running): Promise<Ending | null> {
  const { job, id, sides, lockTimeoutMs, course } = running;
  const { target } = sides;
  const held = await holdSync(target, id, 'target');
  if (held === null || held.state !== 'cut_over')
    return { outcome: 'done', output: 'The target had not taken over.\n' };
  const flows = await open(running);
  if (flows === null) return { outcome: 'failed', cause: MISSING };
  const setting = settingOf(running, false);
  const left = await untilNothing(running, () => oneWay(flows.back, setting), job.action.target);
  if (left === null || left.outcome === 'failed') return left;
  const refused = await refusedRows([flows.forward, flows.back]);
  if (refused !== null) return { outcome: 'failed', cause: refused };
  await advanceSequences(sides.source, flows.back.to.table);
  return committing(target, lockTimeoutMs, async () => {
    const now = await holdSync(target, id, 'target');
    if (now !== null) await writeSync(target, job, 'target', { ...now, state: 'running' });
    return {
      outcome: 'done',
      output: `${tableText(job.action.source)} takes over again: ${course.summary()}\n`,
    };
  });
}

/**
 * What clients wrote before the pair ends is carried over first: nobody carries it afterwards, and an undo deletes the rows of the target.
 * Whoever still writes goes on; that is after the end.
 */
export async function carryRest(running: Running): Promise<Ending | null> {
  const { job, id, sides, course } = running;
  const { action } = job;
  const undo = action.do === 'undo';
  const held = await holdSync(sides.target, id, 'target');
  const carries = undo ? action.conflicts !== null : action.compares === true;
  if (!carries || held?.state !== 'running') return DONE;
  const flows = await open(running);
  if (flows === null) return undo ? DONE : { outcome: 'failed', cause: MISSING };
  if (action.answer !== undefined) await noteAnswer(flows, action.answer);
  for (let rounds = 0; ; rounds += 1) {
    const began = Date.now();
    const round = await roundOf(running, flows, false);
    if (!round.whole) return null;
    course.round(round, Date.now() - began, 0);
    if (round.putOff === 0) break;
    if (rounds === MOST_LAST_ROUNDS) return { outcome: 'failed', cause: stillWritten(action.target) };
  }
  // A conflict keeps the rows of both sides in sluice.conflicts, and an undo leaves that of the source.
  const refused = await refusedRows(undo ? [flows.back] : [flows.forward, flows.back]);
  if (refused !== null) return { outcome: 'failed', cause: refused };
  if (undo) return DONE;
  const asks = await asksOf(running, flows);
  if (asks !== null) return { outcome: 'done', output: `${course.summary()}\n`, asks };
  const unsettled = await openConflicts(flows.forward);
  return unsettled > 0 ? { outcome: 'failed', cause: openText(action, unsettled) } : DONE;
}

async function untilNothing(
  { course }: Running,
  next: (full: boolean) => Promise<Round>,
  table: SyncAction['target'],
): Promise<Ending | null> {
  for (let rounds = 0; rounds < MOST_LAST_ROUNDS; rounds += 1) {
    const began = Date.now();
    const round = await next(true);
    if (!round.whole) return null;
    course.round(round, Date.now() - began, 0);
    if (round.putOff === 0 && round.keys === round.refused) return DONE;
  }
  return { outcome: 'failed', cause: stillWritten(table) };
}

function stillWritten(table: SyncAction['target']): string {
  return `${MOST_LAST_ROUNDS} rounds in a row found changes of ${tableText(table)}: somebody still writes to it. Stop the writers, and retry.`;
}

function settingOf({ job, lockTimeoutMs, course }: Running, full: boolean) {
  return {
    action: job.action,
    lockTimeoutMs,
    full,
    seen: null,
    progress: (keys: number) => course.reached(keys),
  };
}

function roundOf(running: Running, flows: Flows, full: boolean): Promise<Round> {
  const { conflicts } = running.job.action;
  const setting = settingOf(running, full);
  return conflicts === null ? oneWay(flows.forward, setting) : bothWays(flows, conflicts, setting);
}

async function open({ job, id, sides }: Running): Promise<Flows | null> {
  const tables = await tablesOf(sides, job.action);
  if (tables === null) return null;
  const source = { session: sides.source, table: tables.source };
  return flowsOf(id, job.action, source, { session: sides.target, table: tables.target });
}

/** What a person has to decide before it goes on; null where nobody is asked. */
async function asksOf({ job: { action } }: Running, flows: Flows): Promise<RowsToSettle | null> {
  if (action.reviewer === undefined) return null;
  const asks = await openReview(flows, action.item);
  return asks === null ? null : { ...asks, since: action.since ?? firstScheduledAt() };
}

function openText({ item, target }: SyncAction, unsettled: number): string {
  return `${unsettled} conflicts of ${item} are open: both sides changed these rows of ${tableText(target)}. They are in sluice.conflicts of the target with both versions. Decide each (update sluice.conflicts set chosen = 'source' where item = '${item}' and state = 'open', or 'target', for the rows that you mean), and retry.`;
}

async function refusedRows(flows: readonly Flow[]): Promise<string | null> {
  for (const { id, to } of flows) {
    const query =
      'select count(*)::text as rows, min(error) as error from sluice.quarantine where transfer = $1';
    const [row] = (await to.session.query(query, [refusedBy(id, to.role)])).rows;
    if (row === undefined || row.rows === '0') continue;
    return `${to.table.name} refuses ${row.rows ?? ''} rows, such as: ${row.error ?? ''}. They are in sluice.quarantine under the transfer ${refusedBy(id, to.role)}. Correct the rows, and retry: every round tries them again.`;
  }
  return null;
}
