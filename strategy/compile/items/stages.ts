/** The stages in which a deployment step gives traffic to the new version. */
import { list, nonBlank } from '../../document.js';
import type { DeploymentStep } from '../../document-changes.js';
import { below } from '../../pointer.js';
import { describeDuration } from '../../render/duration.js';
import { parseRollout } from '../../sentence/rollout.js';
import type { Compilation } from '../compilation.js';
import type { Item } from './find.js';
import type { Using } from './item.js';

export interface Stage {
  readonly percent: number;
  /** For how long it is observed. */
  readonly soakMs: number;
}

export interface Rollout {
  readonly stages: readonly Stage[];
  /** What no machine reads; a person does it when everything is deployed. */
  readonly byHand: readonly string[];
}

/** Milliseconds for which a stage is observed whose plan does not say, the last one as well. */
const SOAK_MS = 5 * 60_000;

/**
 * A canary follows its `rollout_plan`; blue-green and rolling switch all at once. With `feature_flag`, the flag decides who gets the
 * new version, so no traffic is switched. `routed`: the bindings have a route for one of the artifacts.
 */
export function rolloutOf(
  c: Compilation,
  { pointer, fields }: Item & { readonly fields: DeploymentStep },
  using: Using,
  routed: boolean,
): Rollout {
  const plans = list(fields.feature_flags).flatMap(({ rollout_plan }, index) => {
    const text = nonBlank(rollout_plan);
    return text === null ? [] : [{ text, at: below(pointer, 'feature_flags', index, 'rollout_plan') }];
  });
  const approach = c.document.code_migration?.deployment_strategy?.approach ?? 'rolling';
  if (approach === 'canary' && routed) return canary(c, plans, using);
  for (const { at, text } of plans) c.coverByPerson(at, text, byHandOf(using));
  const stages = routed && approach !== 'feature_flag' ? [{ percent: 100, soakMs: SOAK_MS }] : [];
  return { stages, byHand: plans.map(({ text }) => text) };
}

function canary(
  c: Compilation,
  plans: readonly { readonly text: string; readonly at: string }[],
  using: Using,
): Rollout {
  const [first, ...others] = plans;
  if (first === undefined) return { stages: [], byHand: ['Give the new version its traffic by degrees'] };
  const different = others.filter(({ at, text }) => {
    if (text !== first.text) return true;
    c.cover(at, text, 'automated', 'the same stages');
    return false;
  });
  for (const { at, text } of different) c.coverByPerson(at, text, byHandOf(using));
  const byHand = different.map(({ text }) => text);
  const reading = parseRollout(first.text);
  if ('words' in reading) {
    const why = `no machine reads the words "${reading.words}"`;
    c.coverByPerson(first.at, first.text, `${byHandOf(using)}; ${why}`);
    return { stages: [], byHand: [first.text, ...byHand] };
  }
  const stages = reading.stages.map(({ percent, soakMs }) => ({ percent, soakMs: soakMs ?? SOAK_MS }));
  const shown = stages.map(({ percent, soakMs }) => `${percent}% for ${describeDuration(soakMs)}`);
  c.cover(first.at, first.text, 'automated', `stages of traffic: ${shown.join(', ')}`);
  return { stages, byHand };
}

function byHandOf({ workContext }: Using): string {
  return `by hand: ${workContext.byHand}`;
}
