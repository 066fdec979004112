/**
 * The host of a run: commands, their job folders and the workspace are on one machine, and stay there. The host is
 * chosen when the first command needs one, by whichever worker answers first.
 *
 * A call that the host does not take within a minute is repeated for as long as the host is there: it is busy. Only a host
 * that answers no question either (`answers`), while another host does, is lost, and the run moves to that other host.
 */
import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';
import type { Host } from '../activities/contract.js';
import { hostLiveness, shared } from './activities.js';
import type { Run } from './run.js';

/** How a call on the run's host ended: with its answer, or because the host of that name is lost. */
export type HostAnswer<T> = { readonly answer: T } | { readonly lost: string };

/**
 * Calls on the run's host. Repeating a call that nobody took is safe: it never began, and an effect is found by its key.
 *
 * The host that is asked after is the one that was called, not the run's host of the moment: what runs beside this call
 * (a watch) may have moved the run meanwhile, and a command must not begin on the new host before a person, or
 * `x-idempotent`, has said that it may.
 */
export async function onHost<T>(run: Run, call: (taskQueue: string) => Promise<T>): Promise<HostAnswer<T>> {
  const queue = run.hostQueue ?? (await choose(run));
  const host = run.view.host ?? queue;
  for (let waits = 0; ; waits += 1) {
    try {
      return { answer: await call(queue) };
    } catch (error) {
      if (!isSilence(error)) throw error;
    }
    if (!(await isThere(run, queue))) return { lost: host };
    if (waits === 0) run.emit({ type: 'host-busy', host });
  }
}

/** Calls where the workspace is when that is needed, anywhere otherwise. For probes only, which may be asked again elsewhere. */
export async function withHostFailover<T>(
  run: Run,
  needsHost: boolean,
  call: (taskQueue: string | null) => Promise<T>,
): Promise<T> {
  if (!needsHost) return call(null);
  for (;;) {
    const called = await onHost(run, call);
    if ('answer' in called) return called.answer;
  }
}

/** Chooses the run's host, unless it has one. */
export async function chooseHost(run: Run): Promise<void> {
  if (run.hostQueue === null) await choose(run);
}

/** Chooses the run's first host, unless what runs beside has just done so. */
async function choose(run: Run): Promise<string> {
  const found = await shared.findHost();
  if (run.hostQueue !== null) return run.hostQueue;
  return moveTo(run, found);
}

/** False when the host is lost; then the run is on another one. With nobody there at all, it waits. */
async function isThere(run: Run, queue: string): Promise<boolean> {
  if (await answers(queue)) return true;
  const found = await shared.findHost();
  if (found.taskQueue === queue) return true;
  if (run.hostQueue === queue) moveTo(run, found);
  return false;
}

async function answers(queue: string): Promise<boolean> {
  try {
    await hostLiveness(queue).findHost();
    return true;
  } catch (error) {
    if (!isSilence(error)) throw error;
    return false;
  }
}

function moveTo(run: Run, { host, taskQueue }: Host): string {
  run.hostQueue = taskQueue;
  run.emit({ type: 'host-chosen', host });
  return taskQueue;
}

/** True when no worker took the task in time: it never began. */
function isSilence(error: unknown): boolean {
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
