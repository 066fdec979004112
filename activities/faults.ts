/**
 * Effects that fail on purpose, in a rehearsal. Each goes through the same code as any other effect, up to the moment of
 * its fault.
 */
import { jobFolder } from '../strategy/layout.js';
import { INJECTED } from '../strategy/rehearsal/result.js';
import type { EffectJob, EffectOutcome } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { readJob } from './effects/command/job.js';
import { runEffect } from './effects/index.js';
import { endGroup } from './processes.js';

export type Fault =
  /** It fails, and nothing was done. */
  | { readonly fault: 'before' }
  /** Everything is done, and then it is reported as failed. */
  | { readonly fault: 'after' }
  /** Its processes are killed so many milliseconds after they started; SQL is cancelled. */
  | { readonly fault: 'killed'; readonly afterMs: number }
  /** Its time limit is this. */
  | { readonly fault: 'timed-out'; readonly afterMs: number }
  /** Everything is done, and the run hears of it when `until` has resolved. */
  | { readonly fault: 'held'; readonly until: () => Promise<void> };

/** Carries the effect out with the fault. One that was too quick for its fault is done, and fails afterwards. */
export async function runFaultyEffect(
  dependencies: Dependencies,
  job: EffectJob,
  fault: Fault,
): Promise<EffectOutcome> {
  switch (fault.fault) {
    case 'before':
      return failed('it failed before anything was done.');
    case 'after':
      return unlessFailed(await runEffect(dependencies, job), 'it failed after everything was done.');
    case 'killed':
      return unlessFailed(await runKilled(dependencies, job, fault.afterMs), TOO_QUICK);
    case 'timed-out':
      return unlessFailed(await runEffect(dependencies, limited(job, fault.afterMs)), TOO_QUICK);
    case 'held': {
      const outcome = await runEffect(dependencies, job);
      await fault.until();
      return outcome;
    }
    default:
      return fault satisfies never;
  }
}

const TOO_QUICK = 'it failed, after it had ended more quickly than the fault came.';

async function runKilled(
  dependencies: Dependencies,
  job: EffectJob,
  afterMs: number,
): Promise<EffectOutcome> {
  if (job.action.kind !== 'command' && job.action.kind !== 'script') {
    return runEffect(dependencies, limited(job, afterMs));
  }
  let over = false;
  const killing = killCommand(dependencies, job, afterMs, () => over);
  try {
    return await runEffect(dependencies, job);
  } finally {
    over = true;
    await killing;
  }
}

/** How often the job folder is read. */
const LOOK_MS = 2;

/** Kills the command's process group with SIGKILL, as a host that is short of memory does. */
async function killCommand(
  { home }: Dependencies,
  { context, key }: EffectJob,
  afterMs: number,
  over: () => boolean,
): Promise<void> {
  const folder = jobFolder(home, context.run, context.execution, key);
  while (!over()) {
    const state = readJob(folder);
    if (state.state === 'running' && Date.now() >= state.since + afterMs) {
      return endGroup(state.command.pid, 0);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function limited(job: EffectJob, timeoutMs: number): EffectJob {
  return { ...job, timeoutMs: Math.max(1, Math.round(timeoutMs)) };
}

function unlessFailed(outcome: EffectOutcome, cause: string): EffectOutcome {
  if (outcome.outcome !== 'done') return outcome;
  const { exitCode, durationMs, output } = outcome;
  return { ...failed(cause), exitCode, durationMs, output };
}

function failed(cause: string): Extract<EffectOutcome, { outcome: 'failed' }> {
  return { outcome: 'failed', cause: INJECTED + cause, exitCode: null, durationMs: 0, output: '' };
}
