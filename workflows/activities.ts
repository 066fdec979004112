/** How activities are called: on which task queue, with what patience, and who hears of a cancellation. */
import {
  ActivityCancellationType,
  ActivityFailure,
  type ActivityOptions,
  proxyActivities,
} from '@temporalio/workflow';
import type { Activities } from '../activities/contract.js';
import { PLAN_NOT_USABLE } from '../strategy/run/encoded-plan.js';
import { livenessQueue } from '../strategy/task-queues.js';
import { bounded } from './limits.js';

/** Retried without end: what fails here is the worker, the engine or the network, and the journal makes a repeat safe. */
const RETRY = { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' } as const;

/** After this long without a heartbeat, the worker is taken for dead. A false alarm is harmless: the repeat attaches. */
const HEARTBEAT = '10s';

/** Short questions that any worker answers. */
export const shared = proxyActivities<
  Pick<Activities, 'findHost' | 'checkWindow' | 'verifySignature' | 'claimLock'>
>({
  startToCloseTimeout: '1m',
  retry: RETRY,
});

/** Steps of a stored plan. One that cannot be used fails at once, so that the run can say so before it waits for it. */
export const planStore = proxyActivities<Pick<Activities, 'loadSteps'>>({
  startToCloseTimeout: '1m',
  retry: { ...RETRY, nonRetryableErrorTypes: [PLAN_NOT_USABLE] },
});

/** The same, tried until the plan is there: the engine's retries cost the history nothing, however long it takes. */
export const patientPlanStore = proxyActivities<Pick<Activities, 'loadSteps'>>({
  startToCloseTimeout: '1m',
  retry: RETRY,
});

const EFFECT: ActivityOptions = {
  heartbeatTimeout: HEARTBEAT,
  retry: RETRY,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/** Asks which database a connection leads to: any worker can. */
export const identifier = proxyActivities<Pick<Activities, 'identifyDatabase'>>({
  ...EFFECT,
  startToCloseTimeout: '5m',
});

/** What somebody waits for who gave a command: answered soon, or not at all. */
export const quick = proxyActivities<Pick<Activities, 'throttleRows'>>({
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '12s',
  retry: RETRY,
});

/** A margin over an action's own timeout, in which the activity stops it and reports. */
const MARGIN_MS = 60_000;

/** An effect: where the workspace is when it needs that, on any worker otherwise. */
export function effects(taskQueue: string | null, timeoutMs: number): Pick<Activities, 'runEffect'> {
  return proxyActivities<Pick<Activities, 'runEffect'>>({
    ...EFFECT,
    ...onQueue(taskQueue),
    startToCloseTimeout: bounded(timeoutMs + MARGIN_MS),
  });
}

/** How long a host may leave a task waiting before it is asked whether it is there. */
const HOST_PATIENCE = '1m';

/** How long a host has to answer that question, on a queue of which it always has a hand free. */
const LIVENESS_PATIENCE = '30s';

/** Asks one host whether it is there; fails like any call that nobody takes in time when it is not. */
export function hostLiveness(queueOfHost: string): Pick<Activities, 'findHost'> {
  return proxyActivities<Pick<Activities, 'findHost'>>({
    taskQueue: livenessQueue(queueOfHost),
    scheduleToStartTimeout: LIVENESS_PATIENCE,
    startToCloseTimeout: '10s',
    retry: RETRY,
  });
}

function onQueue(taskQueue: string | null): Pick<ActivityOptions, 'taskQueue' | 'scheduleToStartTimeout'> {
  return taskQueue === null ? {} : { taskQueue, scheduleToStartTimeout: HOST_PATIENCE };
}

/** A watch lasts as long as its step, and a soak may take weeks. */
const WATCH_LIMIT = '365d';

/** However many requirements there are: each has its own time limit. */
const EVALUATION_MS = 2 * 3_600_000;

/** Requirements, of which one must hold over `windowMs`: where the workspace is when they run commands. */
export function evaluator(taskQueue: string | null, windowMs: number): Pick<Activities, 'evaluate'> {
  return proxyActivities<Pick<Activities, 'evaluate'>>({
    ...EFFECT,
    ...onQueue(taskQueue),
    // Twice: blind stretches extend the window. An attempt that ends earlier continues from what it saw.
    startToCloseTimeout: EVALUATION_MS + 2 * windowMs,
  });
}

/** Metrics and watches: where the workspace is when they run commands, anywhere otherwise. */
export function probes(taskQueue: string | null): Pick<Activities, 'measureBaselines' | 'watchMetrics'> {
  const queue = onQueue(taskQueue);
  const { measureBaselines } = proxyActivities<Pick<Activities, 'measureBaselines'>>({
    ...EFFECT,
    ...queue,
    startToCloseTimeout: EVALUATION_MS,
  });
  const { watchMetrics } = proxyActivities<Pick<Activities, 'watchMetrics'>>({
    ...EFFECT,
    ...queue,
    startToCloseTimeout: WATCH_LIMIT,
  });
  return { measureBaselines, watchMetrics };
}

/** A margin over a time limit, in which the activity reports what it has. */
const REPORT_MS = 2_000;

/** Evaluation that must not keep anybody waiting: no answer, or no worker there to give one, ends it as well. */
export function quickEvaluator(taskQueue: string | null, withinMs: number): Pick<Activities, 'evaluate'> {
  return proxyActivities<Pick<Activities, 'evaluate'>>({
    ...(taskQueue === null ? {} : { taskQueue }),
    scheduleToCloseTimeout: withinMs + REPORT_MS,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: RETRY,
  });
}

/** Metrics that must not keep anybody waiting. */
export function quickMeter(taskQueue: string | null, withinMs: number): Pick<Activities, 'measureBaselines'> {
  return proxyActivities<Pick<Activities, 'measureBaselines'>>({
    ...(taskQueue === null ? {} : { taskQueue }),
    scheduleToCloseTimeout: withinMs + REPORT_MS,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: RETRY,
  });
}

/** The record is worth a few tries, not a run that never ends because a disk is full. */
export function recorder(taskQueue: string | null): Pick<Activities, 'writeRecord'> {
  return proxyActivities<Pick<Activities, 'writeRecord'>>({
    ...(taskQueue === null ? {} : { taskQueue }),
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout: '2m',
    retry: { ...RETRY, maximumAttempts: 5 },
  });
}

/** Copies the record, for as long as the caller is ready to try. */
export function archiver(taskQueue: string | null, patience: '2m' | '7d'): Pick<Activities, 'archiveRecord'> {
  return proxyActivities<Pick<Activities, 'archiveRecord'>>({
    ...(taskQueue === null ? {} : { taskQueue }),
    startToCloseTimeout: '5m',
    scheduleToCloseTimeout: patience,
    retry: { ...RETRY, maximumInterval: '1m' },
  });
}

/** What went wrong in an activity, without Temporal's wrapping. */
export function messageOf(error: unknown): string {
  if (error instanceof ActivityFailure && error.cause !== undefined) return messageOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}
