/**
 * Who gives requests to the new version of a deployment step, and in which stages: the traffic of its services, the flags that it names,
 * or a person. A canary follows its `rollout_plan`; blue-green switches all at once; a rolling deployment goes by its batches. With
 * `feature_flag`, the flag decides who gets the new version, and its own `rollout_plan` says by which degrees.
 */
import { list, nonBlank } from '../../document.js';
import type { DeploymentStep } from '../../document-changes.js';
import { below } from '../../pointer.js';
import type { Compilation } from '../compilation.js';
import type { Item } from './find.js';
import type { Using } from './item.js';
import { compileRoute, type Route } from './route.js';
import { AT_ONCE, byHandOf, type RolloutPlan, type Stage, stagesOf } from './stages.js';

export interface FlagRollout {
  readonly route: Route;
  /** What everybody gets before the first artifact; null when the strategy does not say. */
  readonly initial: boolean | null;
  readonly stages: readonly Stage[];
}

export interface Rollout {
  readonly rolling: boolean;
  /** Of the traffic of each service that has a route. */
  readonly stages: readonly Stage[];
  readonly flags: readonly FlagRollout[];
  /** What no machine sets before the first artifact. */
  readonly byHandBefore: readonly string[];
  /** What no machine reads; a person does it when everything is deployed. */
  readonly byHand: readonly string[];
}

type Named = RolloutPlan & { readonly flag: string; readonly index: number };

/** `routed`: the bindings have a route for one of the artifacts. */
export function rolloutOf(
  c: Compilation,
  item: Item & { readonly fields: DeploymentStep },
  using: Using,
  routed: boolean,
): Rollout {
  const { pointer, fields } = item;
  const plans = list(fields.feature_flags).flatMap(({ flag_id, rollout_plan }, index): readonly Named[] => {
    const text = nonBlank(rollout_plan);
    const at = below(pointer, 'feature_flags', index, 'rollout_plan');
    return text === null ? [] : [{ text, at, flag: nonBlank(flag_id) ?? '', index }];
  });
  const approach = c.document.code_migration?.deployment_strategy?.approach ?? 'rolling';
  const canary = approach === 'canary' && routed ? canaryOf(c, plans, using) : null;
  const left = canary?.left ?? plans;
  const flags = list(fields.feature_flags).map(({ flag_id, initial_state }, index) => {
    const plan = left.find((other) => other.index === index) ?? null;
    const flag = { id: nonBlank(flag_id) ?? '', initial: initial_state ?? null, plan };
    return flagOf(c, flag, below(pointer, 'feature_flags', index), using);
  });
  return {
    rolling: approach === 'rolling',
    stages: canary?.stages ?? (routed && approach !== 'feature_flag' ? AT_ONCE : []),
    flags: flags.flatMap(({ rollout }) => rollout ?? []),
    byHandBefore: flags.flatMap(({ byHandBefore }) => byHandBefore),
    byHand: [...(canary?.byHand ?? []), ...flags.flatMap(({ byHand }) => byHand)],
  };
}

interface Flag {
  readonly id: string;
  readonly initial: boolean | null;
  readonly plan: Named | null;
}

type OneFlag = Pick<Rollout, 'byHandBefore' | 'byHand'> & { readonly rollout: FlagRollout | null };

/** A flag that is not bound is set by a person. */
function flagOf(c: Compilation, flag: Flag, pointer: string, using: Using): OneFlag {
  const { id, initial, plan } = flag;
  const route = flagRoute(c, id, below(pointer, 'flag_id'));
  if (route === null) {
    if (plan !== null) c.coverByPerson(plan.at, plan.text, byHandOf(using));
    return {
      rollout: null,
      byHandBefore: initial === null ? [] : [`Set the flag ${id} ${initial ? 'on' : 'off'}`],
      byHand: plan === null ? [] : [plan.text],
    };
  }
  if (initial !== null) {
    const how = `the flag ${id} is set before the first artifact`;
    c.cover(below(pointer, 'initial_state'), `initial_state: ${initial}`, 'automated', how);
  }
  const read = plan === null ? [] : stagesOf(c, plan, `stages of the flag ${id}`, using);
  const stages = read ?? [];
  return {
    rollout: initial === null && stages.length === 0 ? null : { route, initial, stages },
    byHandBefore: [],
    byHand: read === null && plan !== null ? [plan.text] : [],
  };
}

interface Canary {
  readonly stages: readonly Stage[];
  readonly byHand: readonly string[];
  /** Plans that are not those of the traffic. */
  readonly left: readonly Named[];
}

function canaryOf(c: Compilation, plans: readonly Named[], using: Using): Canary {
  const [first, ...others] = plans;
  if (first === undefined) {
    return { stages: [], byHand: ['Give the new version its traffic by degrees'], left: [] };
  }
  const left = others.filter(({ at, text }) => {
    if (text !== first.text) return true;
    c.cover(at, text, 'automated', 'the same stages');
    return false;
  });
  const stages = stagesOf(c, first, 'stages of traffic', using);
  return stages === null ? { stages: [], byHand: [first.text], left } : { stages, byHand: [], left };
}

/** The route that is divided by the flag, else the flag alone; null when the flag is not bound. */
function flagRoute(c: Compilation, flag: string, pointer: string): Route | null {
  if (!c.bindings.flags.has(flag)) return null;
  for (const [name, binding] of c.bindings.traffic) {
    if ('flag' in binding && binding.flag === flag) return compileRoute(c, name, binding, pointer);
  }
  return compileRoute(c, flag, { flag }, pointer);
}
