/** Baselines: what metrics are before a step's first action, so that "2 x baseline" means something afterwards. */
import type { Baselines } from '../../strategy/run/view.js';
import { interruption, withHeartbeat, workerLeft } from '../attempt.js';
import type { BaselineJob } from '../contract.js';
import type { Dependencies } from '../dependencies.js';
import { probeContextOf } from './index.js';
import { sampleOrNull } from './metric.js';

/** One value per metric, null for one without data: what is compared with that baseline is inconclusive. */
export async function measureBaselines(dependencies: Dependencies, job: BaselineJob): Promise<Baselines> {
  return withHeartbeat(async () => {
    const settings = { probes: [], baselines: {}, timeoutMs: job.timeoutMs };
    const context = await probeContextOf(dependencies, job.context, settings);
    const values: Record<string, number | null> = {};
    for (const metric of job.metrics) values[metric] = await sampleOrNull(metric, context);
    if (interruption() === 'leave') throw workerLeft();
    return values;
  });
}
