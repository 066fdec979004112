/** Evaluates requirements, a few at a time. Probes only read, so a repeat by the engine does no harm. */
import type { RequirementView } from '../../strategy/run/view.js';
import { interruption, withHeartbeat, workerLeft } from '../attempt.js';
import type { EvaluateJob } from '../contract.js';
import type { Dependencies } from '../dependencies.js';
import { probe, probeContextOf } from './index.js';

const AT_ONCE = 4;

/** One result per requirement, in order. */
export async function evaluate(
  dependencies: Dependencies,
  job: EvaluateJob,
): Promise<readonly RequirementView[]> {
  return withHeartbeat(async () => {
    const probes = job.requirements.map(({ probe }) => probe);
    const settings = { probes, baselines: job.baselines, timeoutMs: job.timeoutMs };
    const context = await probeContextOf(dependencies, job.context, settings);
    const results: RequirementView[] = [];
    const open = job.requirements.entries();
    const worker = async (): Promise<void> => {
      for (const [index, { text, probe: machine }] of open) {
        results[index] = { text, how: machine.how, ...(await probe(machine, context)) };
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (interruption() === 'leave') throw workerLeft();
    return results;
  });
}
