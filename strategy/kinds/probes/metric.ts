/** A bound metric, compared with a number. */
import type { Comparison, MachineProbe, PlannedBindings, Threshold } from '../../plan.js';
import { describeDuration } from '../../render/duration.js';
import { describeValue } from '../../sentence/unit.js';
import { NEEDS_NOTHING } from '../needs.js';
import type { ProbeKind, ProbeOf } from './kind.js';

export const metric: ProbeKind<ProbeOf<'metric'>> = {
  label: 'a metric',
  needsHost: (probe, bindings) => metricsOf(probe).some((name) => metricNeedsHost(name, bindings)),
  needs: (probe) => ({ ...NEEDS_NOTHING, metrics: metricsOf(probe) }),
  describe: (probe) => `metric ${probe.metric} ${describeComparison(probe.comparison)}`,
};

/** What is sampled to evaluate it. */
function metricsOf({ metric: own, comparison, enough }: ProbeOf<'metric'>): readonly string[] {
  const { threshold } = comparison;
  const compared = threshold.kind === 'metric' ? [threshold.metric] : [];
  return [own, ...compared, ...(enough === undefined ? [] : [enough.metric])];
}

/** True for a metric that a command measures. */
export function metricNeedsHost(name: string, { metrics }: Pick<PlannedBindings, 'metrics'>): boolean {
  return metrics[name]?.kind === 'command';
}

/** Milliseconds over which every sample must hold; null when one sample decides. */
export function windowMsOf(probe: MachineProbe): number | null {
  if (probe.how === 'metric') return probe.comparison.overMs;
  return probe.how === 'all' ? (probe.of[0]?.comparison.overMs ?? null) : null;
}

/** "< 0.1%", "< 2 x baseline", "> 80% for 5 minutes". */
export function describeComparison({ operator, threshold, overMs }: Comparison): string {
  const over = overMs === null ? '' : ` for ${describeDuration(overMs)}`;
  return `${operator} ${describeThreshold(threshold)}${over}`;
}

function describeThreshold(threshold: Threshold): string {
  switch (threshold.kind) {
    case 'value':
      return describeValue(threshold.value, threshold.unit);
    case 'baseline':
      return `${threshold.factor} x baseline`;
    case 'metric':
      return `${threshold.factor} x ${threshold.metric}`;
    default:
      return threshold satisfies never;
  }
}
