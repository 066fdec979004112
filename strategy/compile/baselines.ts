/** Baselines: the metrics that a step must measure before its first action. */
import type { MetricProbe, Probe } from '../plan.js';

/** The metrics whose baseline these sentences compare with, each once. */
export function baselinesIn(sentences: readonly { readonly probe: Probe }[]): readonly string[] {
  const metrics = sentences
    .flatMap(({ probe }) => metricsOf(probe))
    .filter(({ comparison }) => comparison.threshold.kind === 'baseline')
    .map(({ metric }) => metric);
  return [...new Set(metrics)];
}

function metricsOf(probe: Probe): readonly MetricProbe[] {
  if (probe.how === 'metric') return [probe];
  return probe.how === 'all' ? probe.of : [];
}
