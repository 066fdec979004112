/**
 * Downtime: what the strategy says about it is measured from before the first action of a step that takes the service down, and
 * while a health check sees it down. The limits are watched beside whatever the run does, also while a person is asked. Only a
 * plan with such a step or check has timers for it.
 */
import { CancellationScope, condition } from '@temporalio/workflow';
import type { PlannedStep, WatchCondition } from '../strategy/plan.js';
import { describeDowntimeEvent, nextCrossing } from '../strategy/run/downtime.js';
import type { EventBody } from '../strategy/run/event.js';
import { Failed } from './failure-types.js';
import type { Run } from './run.js';

/** Warns near the limits, and stops the step that passes that of the run. Nothing waits for it, and it ends with the run. */
export function keepMeasuringDowntime(run: Run): void {
  if (run.plan.downtime === undefined) return;
  void CancellationScope.nonCancellable(() => measure(run));
}

async function measure(run: Run): Promise<void> {
  const next = () => nextCrossing(run.view.downtime);
  for (;;) {
    await condition(() => run.ended || next() !== null);
    const due = next();
    if (run.ended) return;
    if (due === null) continue;
    const changed = () => {
      const now = next();
      return run.ended || now === null || now.at !== due.at || now.event.type !== due.event.type;
    };
    if (await condition(changed, Math.max(1, due.at - Date.now()))) continue;
    await run.recordOpen();
    if (changed()) continue;
    run.emit(due.event);
    if (due.event.type === 'downtime-exceeded') run.stopDowntime();
  }
}

/**
 * Does the work of a step. If the service is down meanwhile, the work is stopped where that passes the limit of the run, which
 * happens once: who lets the run continue after that has accepted it.
 * @throws Failed when the limit is passed
 */
export async function withinDowntime(
  run: Run,
  phase: string,
  step: PlannedStep,
  work: () => Promise<void>,
): Promise<void> {
  const declared = step.downtime !== undefined;
  const checked = step.watch?.conditions.some(({ service }) => service === true) === true;
  if (run.plan.downtime === undefined || !(declared || checked)) return work();
  if (declared) begin(run, phase, step);
  const scope = new CancellationScope();
  let past = false;
  run.stopDowntime = () => {
    past = true;
    scope.cancel();
  };
  try {
    await scope.run(work);
  } catch (error) {
    if (past && run.command === null) throw failed(run, phase, step);
    throw error;
  } finally {
    run.stopDowntime = () => {};
  }
}

/** What the firing of a condition says of the service. */
export function downtimeOf(run: Run, condition: WatchCondition | undefined): Pick<Alert, 'down'> {
  const { downtime } = run.plan;
  return condition?.service === true && downtime !== undefined ? { down: downtime } : {};
}

type Alert = Extract<EventBody, { type: 'alert' }>;

/** A retry of a step that was not undone finds the service down already. */
function begin(run: Run, phase: string, step: PlannedStep): void {
  const open = run.view.downtime?.open;
  if (open?.step !== step.id || open.seenBy !== undefined) {
    const { plannedMs = null } = step.downtime ?? {};
    const { limitMs = null } = run.plan.downtime ?? {};
    run.emit({ type: 'downtime-begun', step: step.id, plannedMs, limitMs });
  }
  // Where none is left, nothing of it is begun.
  const due = nextCrossing(run.view.downtime);
  if (due === null || due.event.type !== 'downtime-exceeded' || due.at > Date.now()) return;
  run.emit(due.event);
  throw failed(run, phase, step);
}

function failed(run: Run, phase: string, { id: subject, responsible, whileAsked }: PlannedStep): Failed {
  const limitMs = run.view.downtime?.limitMs ?? 0;
  const cause = `${describeDowntimeEvent({ type: 'downtime-exceeded', step: subject, limitMs })}.`;
  return new Failed({ kind: 'step', subject, phase, responsible, cause, whileAsked });
}
