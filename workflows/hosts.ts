/**
 * The host of a run: commands, their job folders and the workspace are on one machine, and stay there. The host is
 * chosen when the first command needs one, by whichever worker answers first.
 */
import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';
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

/** What an activity that ran out of time had put into its last heartbeat for its next attempt; undefined when nothing. */
export function lastHeartbeat(error: unknown): unknown {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof TimeoutFailure)) return undefined;
  const details: unknown = error.cause.lastHeartbeatDetails;
  return typeof details === 'object' && details !== null && 'resume' in details ? details.resume : undefined;
}

/** What went wrong in an activity, without Temporal's wrapping. */
export function messageOf(error: unknown): string {
  if (error instanceof ActivityFailure && error.cause !== undefined) return messageOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}
