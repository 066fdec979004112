/** Observing between two actions: what must hold is evaluated, watched for a while, and evaluated again. */

import { patched } from '@temporalio/workflow';
import type { ObserveAction, Requirement } from '../strategy/plan.js';
import { describeDuration } from '../strategy/render/duration.js';
import type { RequirementView } from '../strategy/run/view.js';
import { ask, needOf } from './decisions.js';
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
 * What stays without a verdict is put to a person, and so is what only a person can say.
 * @returns why it does not hold; null when it does
 * @throws Failed when a condition fires while it is watched
 */
export async function observe(run: Run, observer: Observer, action: ObserveAction): Promise<string | null> {
  const { id, phase } = observer;
  const status = (name: 'validating' | 'soaking' | 'running', reason: string, until?: string): void =>
    run.emit({ type: 'step-status', phase, step: id, status: name, reason, ...(until && { until }) });
  status('validating', `Checks ${action.what}.`);
  // People are asked once: at the end.
  const people = action.soakMs === 0;
  const before = await unmet(run, observer, action.what, action.requirements, people);
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
  const after = await unmet(run, observer, action.what, [...action.requirements, ...action.afterwards], true);
  status('running', '');
  return after;
}

async function unmet(
  run: Run,
  { id, phase, responsible }: Observer,
  what: string,
  requirements: readonly Requirement[],
  people: boolean,
): Promise<string | null> {
  const subject = { kind: 'step', id, phase } as const;
  const { failed, open, results } = await settle(run, subject, requirements, needOf(responsible));
  if (failed.length > 0) return `${what}: ${describeFailed(failed)}`;
  // Runs that began before people were asked here go on as they began.
  if (!people || open.length === 0 || !patched('observe-asks-people')) return null;
  const { option, by, reason } = await ask(run, {
    kind: 'confirm',
    subject: id,
    question: `${id}: ${what}. Does it hold? ${open.join('; ')}`,
    needs: needOf(responsible),
    evidence: results.filter(({ how }) => how !== 'person'),
    checklist: open,
  });
  const verdict = option === 'confirm' ? 'pass' : 'fail';
  const evidence = `${verdict === 'pass' ? 'confirmed' : 'denied'} by ${by}${reason === null ? '' : `: ${reason}`}`;
  const answers = open.map((text): RequirementView => ({ text, how: 'person', verdict, evidence }));
  run.emit({ type: 'requirements-evaluated', subject, results: answers });
  return verdict === 'pass' ? null : `${what}: ${evidence}`;
}
