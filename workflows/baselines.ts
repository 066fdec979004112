/** Baselines: metrics measured before a step's first action, for the sentences of the step that compare with them. */

import { isCancellation } from '@temporalio/workflow';
import { NEEDS_NOTHING } from '../strategy/kinds/needs.js';
import { metricNeedsHost } from '../strategy/kinds/probes/metric.js';
import type { PlannedStep } from '../strategy/plan.js';
import type { Baselines } from '../strategy/run/view.js';
import { probes } from './activities.js';
import { withHostFailover } from './hosts.js';
import { contextFor } from './job-context.js';
import { PROBE_TIMEOUT_MS } from './requirements.js';
import type { Run } from './run.js';

/**
 * Measures what the step needs, once: a retry keeps the baselines until the step is undone, since the metrics may
 * already show what the step did.
 */
export async function measureBaselines(run: Run, phase: string, step: PlannedStep): Promise<void> {
  const { baselines } = run.stepView(phase, step.id);
  const missing = step.baselines.filter((metric) => baselines[metric] === undefined);
  if (missing.length === 0) return;
  const values = { ...baselines, ...(await measure(run, missing)) };
  run.emit({ type: 'baselines-measured', phase, step: step.id, values });
}

async function measure(run: Run, metrics: readonly string[]): Promise<Baselines> {
  const needsHost = metrics.some((metric) => metricNeedsHost(metric, run.plan.bindings));
  try {
    const { context } = await contextFor(run, { ...NEEDS_NOTHING, metrics });
    const job = { context, metrics, timeoutMs: PROBE_TIMEOUT_MS };
    return await withHostFailover(run, needsHost, (queue) => probes(queue).measureBaselines(job));
  } catch (error) {
    if (isCancellation(error)) throw error;
    // No data: whatever is compared with it is inconclusive, and a person is asked.
    return Object.fromEntries(metrics.map((metric) => [metric, null]));
  }
}
