/** Limits the rows per second of a step while it copies or changes them: a command that counts once its database has taken it. */
import { CancellationScope } from '@temporalio/workflow';
import type { RowsAction } from '../strategy/plan.js';
import type { Signed } from '../strategy/run/event.js';
import type { ThrottleCommand } from '../strategy/run/messages.js';
import { messageOf, quick } from './activities.js';
import { contextFor } from './job-context.js';
import type { Run } from './run.js';

/** Why there is nothing to limit; null when there is. */
export function refusalOfThrottle(run: Run, step: string): string | null {
  if (run.rowsUnderWay.has(step)) return null;
  const others = [...run.rowsUnderWay.keys()];
  return `The step "${step}" copies or changes no rows now.${others.length === 0 ? '' : ` These do: ${others.join(', ')}.`}`;
}

/** Sets the limit where the copy keeps how far it is, and records it; why not, otherwise. */
export async function throttle(
  run: Run,
  { step, ratePerSecond, by, reason }: ThrottleCommand,
  proof: Signed,
): Promise<string | null> {
  const action = run.rowsUnderWay.get(step);
  const why =
    action === undefined ? refusalOfThrottle(run, step) : await set(run, action, step, ratePerSecond);
  if (why === null)
    run.emit({ type: 'throttled', step, ratePerSecond, by, reason: reason ?? null, ...proof });
  return why;
}

async function set(
  run: Run,
  { connection, to = connection }: RowsAction,
  step: string,
  ratePerSecond: number | null,
): Promise<string | null> {
  try {
    return await CancellationScope.nonCancellable(async () => {
      const needs = { connections: [to], metrics: [], environment: false };
      const { context, unidentified } = await contextFor(run, needs);
      if (unidentified !== null) return unidentified;
      const set = await quick.throttleRows({ context, connection: to, step, ratePerSecond });
      if ('why' in set) return set.why;
      return set.tables.length > 0 ? null : `The step "${step}" copies or changes no rows now.`;
    });
  } catch (error) {
    return `The limit could not be set: ${messageOf(error)}. Try again: sluice throttle.`;
  }
}
