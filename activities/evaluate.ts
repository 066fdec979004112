/** Evaluates requirements, a few at a time. Probes only read, so a repeat by the engine does no harm. */
import type { RequirementView } from '../strategy/run/view.js';
import { interruption, leaving, whileBeating } from './attempt.js';
import type { Clients } from './clients.js';
import type { EvaluateJob } from './contract.js';
import { probe, siteOf } from './probes/index.js';

const AT_ONCE = 4;

/** One result per requirement, in order. */
export async function evaluate(clients: Clients, job: EvaluateJob): Promise<readonly RequirementView[]> {
  return whileBeating(async () => {
    const probes = job.requirements.map(({ probe }) => probe);
    const site = await siteOf(clients, job.setting, probes, job.timeoutMs);
    const results: RequirementView[] = [];
    const open = job.requirements.entries();
    const worker = async (): Promise<void> => {
      for (const [index, { text, probe: machine }] of open) {
        results[index] = { text, how: machine.how, ...(await probe(machine, site)) };
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (interruption() === 'leave') throw leaving();
    return results;
  });
}
