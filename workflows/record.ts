/** The record leaves the workflow here: before the history is cut, and before the run closes. */
import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { RunEvent } from '../strategy/run/event.js';
import { excerpt } from '../strategy/run/excerpt.js';
import type { RunInput, RunResult } from '../strategy/run/messages.js';
import { recorder } from './activities.js';
import type { Run } from './run.js';

/** Events written at once: a few kilobytes each at most, so one batch stays far below Temporal's payload limit. */
const BATCH = 100;

/** Between two steps or undos: goes on in a new Temporal run of the same id when the history has grown long. */
export async function cutHistory(run: Run): Promise<void> {
  if (!workflowInfo().continueAsNewSuggested) return;
  await writeOut(run);
  await condition(allHandlersFinished);
  // An order that came meanwhile is acted on first; the next step or undo asks here again.
  if (run.order !== null) return;
  await continueAsNew<(input: RunInput) => Promise<RunResult>>({ ...run.input, carried: run.carried() });
}

/** Writes the record out, answers whoever still waits for a vote or order, and ends the workflow. */
export async function finish(run: Run): Promise<RunResult> {
  const record = await writeOut(run);
  await condition(allHandlersFinished);
  return { view: excerpt(run.view), record };
}

/** The path of the record; null when it could not be written, in which case the engine's history still has it. */
async function writeOut(run: Run): Promise<string | null> {
  const events = run.recent;
  let path: string | null = null;
  for (let from = 0; from < events.length; from += BATCH) {
    path = await write(run, events.slice(from, from + BATCH));
    if (path === null) return null;
  }
  return path;
}

async function write(run: Run, events: readonly RunEvent[]): Promise<string | null> {
  const job = { run: run.view.run, events };
  try {
    return await recorder(run.hostQueue).writeRecord(job);
  } catch {
    try {
      return await recorder(null).writeRecord(job);
    } catch {
      return null;
    }
  }
}
