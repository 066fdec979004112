/**
 * What comes after the completion. For its users the run is completed: its locks are free, and whoever followed it has gone.
 * It stays open as long as something is still to come, each thing at its own time and beside the others:
 *
 *   pending -> running or waiting (for a person) -> completed, or skipped with a reason
 *
 * A failure there never takes anything back by itself: a person is asked. Abort ends what is left; the run stays completed.
 */
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { FollowUp, LaterNotice } from '../strategy/plan.js';
import { isSettled } from '../strategy/run/afterwards.js';
import { isWatched } from '../strategy/run/view.js';
import { carryOutTask } from './follow-up.js';
import { releaseLocks } from './locks.js';
import { watchPeriod } from './monitoring-period.js';
import { continueRunAsNew, writeOut } from './record.js';
import type { Run } from './run.js';
import { Tail } from './tail.js';

const COMPLETED = 'Every phase is done and the completion criteria hold.';

/** Ends the migration for its users; once what comes afterwards is settled as well, ends the run. */
export async function complete(run: Run): Promise<void> {
  if (isWatched(run.view)) return run.end('completed', `${COMPLETED} What came afterwards is settled.`);
  if (followUpsOf(run).length === 0) return run.end('completed', COMPLETED);
  run.emit({ type: 'migration-completed', reason: COMPLETED });
  await begin(run);
}

/** Carries out what is still to come. Returns when all of it is settled. @throws Interrupted */
export async function afterwards(run: Run): Promise<void> {
  if (run.view.afterwards?.status === 'beginning') await begin(run);
  for (;;) {
    const open = followUpsOf(run).filter(({ id }) => !isDone(run, id));
    if (open.length === 0) return;
    await together(run, open, new Tail(run));
    run.checkCommands();
    // Returns without a cut when a command came meanwhile, or the record could not be written.
    if (followUpsOf(run).some(({ id }) => !isDone(run, id))) await continueRunAsNew(run);
  }
}

/** The record is on disk and the locks are free before anybody is told that the rest has begun. */
async function begin(run: Run): Promise<void> {
  await writeOut(run, 0);
  await releaseLocks(run);
  run.locks.clear();
  run.emit({ type: 'afterwards-begun' });
  for (const followUp of followUpsOf(run)) {
    const due = dueOf(run, followUp);
    run.emit({ type: 'follow-up-status', id: followUp.id, status: 'pending', reason: '', due });
  }
}

/** When a task begins, or the period ends; null when a person says. */
function dueOf(run: Run, followUp: FollowUp): string | null {
  const completed = Date.parse(run.view.endedAt ?? '') || Date.now();
  if (followUp.kind === 'monitoring') {
    const { durationMs } = followUp;
    return durationMs === null ? null : new Date(completed + run.compressed(durationMs)).toISOString();
  }
  const { due } = followUp;
  switch (due.kind) {
    case 'after':
      return new Date(completed + run.compressed(due.ms)).toISOString();
    case 'at':
      return new Date(completed + run.compressed(Math.max(0, Date.parse(due.at) - completed))).toISOString();
    case 'asked':
      return null;
    default:
      return due satisfies never;
  }
}

function followUpsOf(run: Run): readonly FollowUp[] {
  return run.plan.afterwards?.followUps ?? [];
}

function isDone(run: Run, id: string): boolean {
  const known = run.view.afterwards?.followUps.find((followUp) => followUp.id === id);
  return known === undefined || isSettled(known);
}

function settle(run: Run, followUp: FollowUp, tail: Tail): Promise<void> {
  switch (followUp.kind) {
    case 'monitoring':
      return watchPeriod(run, followUp, tail);
    case 'notice':
      return tellLater(run, followUp, tail);
    case 'criterion':
    case 'cleanup':
    case 'retrospective':
      return carryOutTask(run, followUp, tail);
    default:
      return followUp satisfies never;
  }
}

/** The event is what is told. Its notice goes its own way from there, as every notice does. */
async function tellLater(run: Run, { id }: LaterNotice, tail: Tail): Promise<void> {
  const due = run.view.afterwards?.followUps.find((followUp) => followUp.id === id)?.due ?? null;
  if (due !== null && !(await tail.until(due))) return;
  run.emit({
    type: 'follow-up-status',
    id,
    status: 'completed',
    reason: 'It was time to tell of the completion.',
  });
}

/** All at once; an error of one stops the others. Returns early when the history is to be cut. */
async function together(run: Run, open: readonly FollowUp[], tail: Tail): Promise<void> {
  const scope = new CancellationScope();
  const stopping = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      scope.cancel();
      throw error;
    }
  };
  const ended = await scope.run(() =>
    Promise.allSettled(open.map((followUp) => stopping(settle(run, followUp, tail)))),
  );
  const errors = ended.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  const first = errors.find((error) => !isCancellation(error)) ?? errors[0];
  if (first !== undefined) throw first;
}
