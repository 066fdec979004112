/** The stages in which a deployment, a flag or an integration gives requests to the new side, and what is done in each. */
import type { Action, ObserveAction, Requirement } from '../../plan.js';
import { describeDuration } from '../../render/duration.js';
import { parseRollout } from '../../sentence/rollout.js';
import type { Compilation } from '../compilation.js';
import type { Using } from './item.js';
import type { Route } from './route.js';

export interface Stage {
  readonly percent: number;
  /** For how long it is observed. */
  readonly soakMs: number;
}

/** Milliseconds for which a stage is observed whose plan does not say, the last one as well. */
export const SOAK_MS = 5 * 60_000;

export const AT_ONCE: readonly Stage[] = [{ percent: 100, soakMs: SOAK_MS }];

/** A rollout plan with its place. */
export interface RolloutPlan {
  readonly text: string;
  readonly at: string;
}

/** Null after noting that a person carries it out, because no machine reads all of its words. `what`: such as "stages of traffic". */
export function stagesOf(
  c: Compilation,
  plan: RolloutPlan,
  what: string,
  using: Using,
): readonly Stage[] | null {
  const reading = parseRollout(plan.text);
  if ('words' in reading) {
    const why = `no machine reads the words "${reading.words}"`;
    c.coverByPerson(plan.at, plan.text, `${byHandOf(using)}; ${why}`);
    return null;
  }
  const stages = reading.stages.map(({ percent, soakMs }) => ({ percent, soakMs: soakMs ?? SOAK_MS }));
  const shown = stages.map(({ percent, soakMs }) => `${percent}% for ${describeDuration(soakMs)}`);
  c.cover(plan.at, plan.text, 'automated', `${what}: ${shown.join(', ')}`);
  return stages;
}

export function byHandOf({ workContext }: Using): string {
  return `by hand: ${workContext.byHand}`;
}

/** Sets the share, then evaluates, observes, and evaluates again. */
export function stageActions(
  route: Route,
  { percent, soakMs }: Stage,
  requirements: readonly Requirement[],
): readonly Action[] {
  const observed: ObserveAction = {
    kind: 'observe',
    what: `${route.name} at ${percent}%`,
    requirements,
    afterwards: route.afterwards(percent),
    conditions: route.conditions,
    soakMs,
  };
  return [shift(route, percent), observed];
}

export function shift({ name, source }: Route, percent: number): Action {
  return { kind: 'traffic', route: name, source, change: { do: 'shift', percent } };
}

export function restore({ name, source }: Route): Action {
  return { kind: 'traffic', route: name, source, change: { do: 'restore' } };
}

/** Evaluates once; watches nothing. */
export function check(what: string, requirements: readonly Requirement[]): readonly ObserveAction[] {
  if (requirements.length === 0) return [];
  return [{ kind: 'observe', what, requirements, afterwards: [], conditions: [], soakMs: 0 }];
}
