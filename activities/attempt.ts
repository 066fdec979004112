/**
 * One attempt at an activity: its heartbeats, and how it learns that it must end.
 *
 * There are two ways to be interrupted. `stop`: the run wants the effect ended, so the activity ends it and reports.
 * `leave`: the worker shuts down, or this attempt is no longer the valid one (it timed out while frozen, and another
 * attempt has taken over). Then the effect must be left alone: the next attempt finds it in the journal.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { HeartbeatReport } from '../strategy/run/progress.js';

export type Interruption = 'stop' | 'leave';

/** What ends work that no engine has asked for. */
const alone = new AsyncLocalStorage<AbortSignal>();

/** Does the work outside of any activity, until the signal aborts: a verb that acts without a run. */
export function withoutEngine<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return alone.run(signal, work);
}

/** The interruption that has arrived, if any. */
export function interruption(): Interruption | null {
  const own = alone.getStore();
  if (own !== undefined) return own.aborted ? 'stop' : null;
  const context = Context.current();
  if (!context.cancellationSignal.aborted) return null;
  return context.cancellationDetails?.cancelRequested === true ? 'stop' : 'leave';
}

/** An abort signal for whatever is in progress; it aborts on either interruption. */
export function interruptionSignal(): AbortSignal {
  const signal = alone.getStore() ?? Context.current().cancellationSignal;
  // Everything under way listens, and stops when it is over: more than the ten of which Node warns are no leak.
  setMaxListeners(0, signal);
  return signal;
}

/** Waits, and wakes at once when interrupted. Never throws. */
export async function pause(ms: number): Promise<void> {
  const signal = interruptionSignal();
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', wake);
  });
}

/** What to throw on `leave`: the engine repeats the activity, and the journal makes that safe. */
export function workerLeft(): ApplicationFailure {
  return ApplicationFailure.retryable('This worker leaves the activity to the next one.', 'WorkerLeft');
}

/** True when an earlier attempt may have begun: whatever it did must be looked for before anything is done. */
export function isRepeat(): boolean {
  return Context.current().info.attempt > 1;
}

/** When the activity was first scheduled, across all attempts (ISO 8601). */
export function firstScheduledAt(): string {
  return new Date(Context.current().info.scheduledTimestampMs).toISOString();
}

/** What an activity puts into its heartbeats. */
export interface Beat {
  /** For the attempt after this one, should this worker go away. */
  readonly resume?: unknown;
  /** For people, by way of the client. */
  readonly report?: HeartbeatReport;
}

/** What the latest attempt before this one left for its successor; undefined when it left nothing. */
export function resumeDetails(): unknown {
  const details: unknown = Context.current().info.heartbeatDetails;
  return typeof details === 'object' && details !== null && 'resume' in details ? details.resume : undefined;
}

/** Does the work while beating once a second, with the beat of the moment. */
export async function withHeartbeat<T>(work: () => Promise<T>, beat: () => Beat = () => ({})): Promise<T> {
  const context = Context.current();
  const send = () => {
    const { resume, report } = beat();
    context.heartbeat({ ...report, resume });
  };
  send();
  const timer = setInterval(send, 1_000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
