/**
 * The host of a run: commands, their job folders and the workspace are on one machine, and stay there. The host is
 * chosen when the first command needs one, by whichever worker answers first.
 */
import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';
import type { Action, Probe, Watch } from '../strategy/plan.js';
import { shared } from './activities.js';
import type { Run } from './run.js';

/**
 * Asks which host is there now. When it is another than the run's, that one is gone, or nobody works there.
 * @returns true when the run's own host answered.
 */
export async function hostAnswers(run: Run): Promise<boolean> {
  const { taskQueue } = await shared.findHost();
  return taskQueue === run.hostQueue;
}

/** Moves the run to the host that answers now. */
export async function chooseHost(run: Run): Promise<string> {
  const { host, taskQueue } = await shared.findHost();
  run.hostQueue = taskQueue;
  run.emit({ type: 'host-chosen', host });
  return taskQueue;
}

/** Calls where the workspace is when that is needed, anywhere otherwise. For probes only, which may be asked again elsewhere. */
export async function withHostFailover<T>(
  run: Run,
  needsHost: boolean,
  call: (taskQueue: string | null) => Promise<T>,
): Promise<T> {
  if (!needsHost) return call(null);
  for (;;) {
    const queue = run.hostQueue ?? (await chooseHost(run));
    try {
      return await call(queue);
    } catch (error) {
      if (!isSilence(error)) throw error;
      if (!(await hostAnswers(run))) await chooseHost(run);
    }
  }
}

/** True when no worker took the task in time: it never began. */
export function isSilence(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === 'SCHEDULE_TO_START'
  );
}

/** What went wrong in an activity, without Temporal's wrapping. */
export function messageOf(error: unknown): string {
  if (error instanceof ActivityFailure && error.cause !== undefined) return messageOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}

/** True for what needs the workspace or a process. */
export function runsCommands(run: Run, probe: Probe): boolean {
  switch (probe.how) {
    case 'command':
    case 'script':
    case 'sql-script':
      return true;
    case 'metric':
      return run.plan.bindings.metrics[probe.metric]?.kind === 'command';
    case 'sql':
    case 'http':
    case 'state':
    case 'declared':
    case 'covered':
    case 'person':
      return false;
    default:
      return probe satisfies never;
  }
}

export function watchRunsCommands(run: Run, watch: Watch): boolean {
  return (
    watch.conditions.some(({ probe }) => runsCommands(run, probe)) ||
    watch.metrics.some((metric) => run.plan.bindings.metrics[metric]?.kind === 'command')
  );
}

/** Characters of a command that people are shown; all of it is in the plan. */
const NAME_SHOWN = 1_000;

/** A short name of an action for people. */
export function nameOf(action: Action): string {
  const name = whatOf(action);
  return name.length <= NAME_SHOWN ? name : `${name.slice(0, NAME_SHOWN)} ...`;
}

function whatOf(action: Action): string {
  switch (action.kind) {
    case 'command':
      return action.text;
    case 'script':
      return action.path;
    case 'sql':
      return action.statements.join('; ');
    case 'sql-script':
      return `${action.path} on ${action.connection}`;
    case 'manual':
      return `by hand: ${action.items.join('; ')}`;
    default:
      return action satisfies never;
  }
}
