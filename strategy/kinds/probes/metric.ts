/** A bound metric, compared with a number. */
import type { Comparison, MachineProbe, PlannedBindings } from '../../plan.js';
import { describeDuration } from '../../render/duration.js';
import { describeValue } from '../../sentence/unit.js';
import { NEEDS_NOTHING } from '../needs.js';
import type { ProbeKind, ProbeOf } from './kind.js';

export const metric: ProbeKind<ProbeOf<'metric'>> = {
  label: 'a metric',
  needsHost: (probe, bindings) => metricNeedsHost(probe.metric, bindings),
  needs: (probe) => ({ ...NEEDS_NOTHING, metrics: [probe.metric] }),
  describe: (probe) => `metric ${probe.metric} ${describeComparison(probe.comparison)}`,
};

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
  const limit =
    threshold.kind === 'value'
      ? describeValue(threshold.value, threshold.unit)
      : `${threshold.factor} x baseline`;
  return `${operator} ${limit}${overMs === null ? '' : ` for ${describeDuration(overMs)}`}`;
}
