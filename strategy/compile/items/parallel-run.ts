/**
 * How an external integration moves, as the bindings say: a parallel run that is compared for a while, then its requests by degrees.
 * Neither side is trusted by time alone: too few comparisons or requests are no verdict.
 */
import type { IntegrationBinding } from '../../bindings-document.js';
import { nonBlank } from '../../document.js';
import type { Action, MetricProbe, ObserveAction } from '../../plan.js';
import { below } from '../../pointer.js';
import { parseDuration } from '../../sentence/duration.js';
import { metricComparison } from '../comparison.js';
import type { Compilation } from '../compilation.js';
import { opposite } from '../continuous.js';
import type { Item } from './find.js';
import type { Using } from './item.js';
import { compileRoute, enoughHolds, metricNamed, type Route } from './route.js';
import { AT_ONCE, restore, stageActions, stagesOf } from './stages.js';

const DAY_MS = 86_400_000;

export interface Movement {
  readonly actions: readonly Action[];
  readonly undo: readonly Action[];
  /** The requests are moved by the route, so nobody has to. */
  readonly routed: boolean;
}

export function compileMovement(
  c: Compilation,
  { id, pointer }: Item,
  binding: IntegrationBinding,
  using: Using,
): Movement {
  c.bindings.used.add(`integrations/${id}`);
  const compared = comparisonOf(c, id, binding, pointer);
  const route = routeOf(c, id, binding, pointer);
  const rollout = nonBlank(binding.rollout);
  const plan = rollout === null ? null : { text: rollout, at: below(pointer, 'rollout') };
  const stages = plan === null ? AT_ONCE : (stagesOf(c, plan, 'stages of its requests', using) ?? []);
  const moved = route === null ? [] : stages.flatMap((stage) => stageActions(route, stage, []));
  const byHand = route !== null && stages.length === 0 && rollout !== null;
  return {
    actions: [
      ...(compared === null ? [] : [compared]),
      ...moved,
      ...(byHand ? [{ kind: 'manual', items: [rollout] } as const] : []),
    ],
    undo: moved.length === 0 || route === null ? [] : [restore(route)],
    routed: moved.length > 0,
  };
}

function routeOf(c: Compilation, id: string, binding: IntegrationBinding, pointer: string): Route | null {
  const name = nonBlank(binding.traffic);
  if (name === null) return null;
  const traffic = c.bindings.traffic.get(name);
  if (traffic !== undefined) return compileRoute(c, name, traffic, pointer);
  c.report(pointer, {
    code: 'unknown-route',
    message: `the integration "${id}" has the route "${name}", which is not bound`,
    advice: `Bind "${name}" under "traffic".`,
  });
  return null;
}

/** The parallel run: watched until its end, then judged; null when nothing is compared. */
function comparisonOf(
  c: Compilation,
  id: string,
  binding: IntegrationBinding,
  pointer: string,
): ObserveAction | null {
  const text = nonBlank(binding.mismatch);
  if (text === null) return null;
  const during = nonBlank(binding.during);
  const soakMs = during === null ? DAY_MS : parseDuration(during);
  const found = metricComparison(c, text, { baseline: false, alert: false });
  const probe = found.kind === 'probe' && found.probe.how === 'metric' ? found.probe : null;
  if (probe === null || soakMs === null) {
    c.report(pointer, {
      code: 'not-understood',
      message:
        probe === null
          ? `no machine reads the mismatch "${text}" of the integration "${id}"`
          : `"${during}" is not a duration`,
      advice: 'Write mismatch as METRIC < 0.1%, over a bound metric, and during as "24h".',
    });
    return null;
  }
  const counted = nonBlank(binding.comparisons);
  const metric =
    counted === null ? null : metricNamed(c, `of the integration "${id}"`, counted, 'comparisons', pointer);
  const enough = metric === null ? null : { metric, count: binding.minimum ?? 1 };
  const judged: MetricProbe = enough === null ? probe : { ...probe, enough };
  c.cover(below(pointer, 'mismatch'), text, 'automated', 'compared during the parallel run, and at its end');
  return {
    kind: 'observe',
    what: `the parallel run of ${id}`,
    requirements: [],
    afterwards: [
      ...(enough === null ? [] : [enoughHolds(`the parallel run of ${id} compared`, enough, 'answers')]),
      { text, probe: judged },
    ],
    conditions: [
      { text: `too many mismatches: not ${text}`, probe: opposite(judged), level: null, onFire: 'fail' },
    ],
    soakMs,
  };
}
