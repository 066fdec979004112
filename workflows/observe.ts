/** Observing between two actions: what must hold is evaluated, watched for a while, and evaluated again. */

import type { ObserveAction, Requirement } from '../strategy/plan.js';
import { describeDuration } from '../strategy/render/duration.js';
import { needOf } from './decisions.js';
import { describeFailed, settle } from './requirements.js';
import type { Run } from './run.js';
import { soakWatched } from './watching.js';

/** The step that observes. */
export interface Observer {
  readonly id: string;
  readonly phase: string;
  readonly responsible: string | null;
}

/**
 * What stays without a verdict is put to a person.
 * @returns why it does not hold; null when it does
 * @throws Failed when a condition fires while it is watched
 */
export async function observe(run: Run, observer: Observer, action: ObserveAction): Promise<string | null> {
  const { id, phase } = observer;
  const status = (name: 'validating' | 'soaking' | 'running', reason: string, until?: string): void =>
    run.emit({ type: 'step-status', phase, step: id, status: name, reason, ...(until && { until }) });
  status('validating', `Checks ${action.what}.`);
  const before = await unmet(run, observer, action.what, action.requirements);
  if (before !== null || action.soakMs === 0) {
    status('running', '');
    return before;
  }
  const ms = run.compressed(action.soakMs);
  const until = new Date(Date.now() + ms).toISOString();
  status('soaking', `Observes ${action.what}: must stay quiet for ${describeDuration(ms)}.`, until);
  const watch = { conditions: action.conditions, metrics: [] };
  await soakWatched(run, { phase, step: observer, watch }, ms);
  status('validating', `Checks ${action.what} once more.`);
  const after = await unmet(run, observer, action.what, [...action.requirements, ...action.afterwards]);
  status('running', '');
  return after;
}

async function unmet(
  run: Run,
  { id, phase, responsible }: Observer,
  what: string,
  requirements: readonly Requirement[],
): Promise<string | null> {
  const subject = { kind: 'step', id, phase } as const;
  const { failed } = await settle(run, subject, requirements, needOf(responsible));
  return failed.length === 0 ? null : `${what}: ${describeFailed(failed)}`;
}
