/** The record leaves the workflow here: before the history is cut, and before the run closes. */
import {
  allHandlersFinished,
  condition,
  makeContinueAsNewFunc,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import type { ArchiveTarget, Plan } from '../strategy/plan.js';
import { placeOf } from '../strategy/record/archive.js';
import type { PlanAmended, RunEvent } from '../strategy/run/event.js';
import { excerpt } from '../strategy/run/excerpt.js';
import type { RunInput, RunResult } from '../strategy/run/messages.js';
import type { MigrationView } from '../strategy/run/view.js';
import { packView } from '../strategy/run/view-codec.js';
import { archiver, messageOf, recorder } from './activities.js';
import { chooseHost } from './hosts.js';
import { releaseLocks } from './locks.js';
import { settleNotices } from './notices.js';
import type { Run } from './run.js';

/** Characters of events written at once: even in three bytes each they stay far below Temporal's payload limit. */
const BATCH = 256 * 1024;

/**
 * True when the history has grown so long that the engine would like it cut, or when a newer build is there: a run is pinned to
 * the build that began its history, so that a cut is where it can change over.
 */
export function isTimeToCut(run: Run): boolean {
  const { continueAsNewSuggested, targetWorkerDeploymentVersionChanged } = workflowInfo();
  return fixed(`cut-${run.view.seq}`, continueAsNewSuggested || targetWorkerDeploymentVersionChanged);
}

/** Continues as new, on the current build where workers are versioned. */
function onCurrentBuild(input: RunInput): Promise<never> {
  const versioned = workflowInfo().currentDeploymentVersion !== undefined;
  const next = makeContinueAsNewFunc<(input: RunInput) => Promise<RunResult>>(
    versioned ? { initialVersioningBehavior: 'AUTO_UPGRADE' } : {},
  );
  return next(input);
}

/**
 * A yes that follows from the engine's figures, kept in the history, so that a replay says the same. Those figures
 * cannot be trusted to: a worker that is asked something just when an activity has ended continues the workflow
 * before the task for that has begun, and sees the figures of the task before; a replay sees the later ones.
 */
function fixed(name: string, now: boolean): boolean {
  const { isReplaying } = workflowInfo().unsafe;
  return (isReplaying || now) && patched(name);
}

/** The engine ends a run at 51,200 events: before that, going on is worth more than a whole record. */
const LONGEST = 40_000;

/** Between two steps or undos: continues as new. */
export async function continueRunAsNew(run: Run): Promise<void> {
  await settleNotices(run, 'cut');
  run.writingOut = true;
  const written = await writeOut(run, 0);
  await archive(run, written, '2m');
  // What is not in the record stays in this history: it is cut before a later step, once there is room to write.
  if (
    written === null &&
    !fixed(`cut-without-record-${run.view.seq}`, workflowInfo().historyLength >= LONGEST)
  ) {
    run.writingOut = false;
    return;
  }
  await condition(allHandlersFinished);
  // A command that came meanwhile is acted on first; the next step or undo asks here again.
  if (run.command !== null || run.awaitsApproval) {
    run.writingOut = false;
    return;
  }
  await onCurrentBuild({
    ...run.input,
    continued: run.continuedState(),
  });
}

/**
 * Continues as new with another plan, whose event is the first of the next Temporal run. Returns when a command came
 * meanwhile, which is acted on first.
 */
export async function continueWithPlan(
  run: Run,
  plan: Plan,
  amendment: PlanAmended,
  view: () => MigrationView,
): Promise<void> {
  await settleNotices(run, 'cut');
  run.writingOut = true;
  await archive(run, await writeOut(run, 0), '2m');
  await condition(allHandlersFinished);
  if (run.command !== null) {
    run.writingOut = false;
    return;
  }
  const continued = { ...run.continuedState(), view: packView(view()), amendment };
  await onCurrentBuild({
    ...run.input,
    plan: { kind: 'inline', plan },
    continued,
  });
}

/**
 * Writes the record out, answers pending votes and commands, and ends the workflow. A run stays open while its record is not
 * in its archive: the engine deletes only what has ended.
 */
export async function finish(run: Run): Promise<RunResult> {
  await settleNotices(run, 'end');
  const written = await writeOut(run, 0);
  await releaseLocks(run);
  await archive(run, written, '7d');
  await condition(allHandlersFinished);
  return { view: excerpt(run.view), record: written?.path ?? null };
}

/** Where the record is: the file, and the task queue of the host that has it; null when any worker wrote it. */
interface Written {
  readonly path: string;
  readonly queue: string | null;
}

/**
 * Writes until nothing is left to write and nobody is being answered: what is said while the record is being written
 * belongs to it as well. Null when it could not be written; then the engine's history still has it.
 */
export async function writeOut(run: Run, first: number): Promise<Written | null> {
  let written: Written | null = null;
  // What is to be copied from there must all be on one host.
  if (run.plan.bindings.archive !== undefined) await chooseHost(run);
  for (let from = first; from < run.recent.length; ) {
    for (const events of batchesOf(run.recent.slice(from))) {
      written = await write(run, events);
      if (written === null) return null;
      from += events.length;
    }
    await condition(allHandlersFinished);
  }
  return written;
}

/** Copies what is written, where the bindings ask for it; what happens meanwhile is written and copied as well. */
async function archive(run: Run, written: Written | null, patience: '2m' | '7d'): Promise<void> {
  const { archive: target } = run.plan.bindings;
  if (target === undefined) return;
  for (let latest = written; latest !== null; ) {
    const { length } = run.recent;
    const why = await copy(run, target, latest.queue, patience);
    if (why !== null) run.emit({ type: 'archive-failed', archive: placeOf(target), why });
    if (run.recent.length === length) return;
    latest = await writeOut(run, length);
    if (why !== null) return;
  }
}

/** Why the record could not be copied; null when it was. */
async function copy(
  run: Run,
  target: ArchiveTarget,
  queue: string | null,
  patience: '2m' | '7d',
): Promise<string | null> {
  const { run: name, startedAt } = run.view;
  try {
    await archiver(queue, patience).archiveRecord({
      run: name,
      startedAt,
      workspace: run.input.workspace,
      target,
    });
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** As few as may be: each is an activity, and with a hundred events each they were one in sixteen of a run's. */
function* batchesOf(events: readonly RunEvent[]): Generator<readonly RunEvent[]> {
  let batch: RunEvent[] = [];
  let size = 0;
  for (const event of events) {
    const length = JSON.stringify(event).length;
    if (batch.length > 0 && size + length > BATCH) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(event);
    size += length;
  }
  if (batch.length > 0) yield batch;
}

async function write(run: Run, events: readonly RunEvent[]): Promise<Written | null> {
  const job = { run: run.view.run, events };
  const queue = run.hostQueue;
  try {
    return { path: await recorder(queue).writeRecord(job), queue };
  } catch {
    try {
      return { path: await recorder(null).writeRecord(job), queue: null };
    } catch {
      return null;
    }
  }
}
