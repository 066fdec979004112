/** Evaluates requirements, a few at a time. Probes only read, so a repeat by the engine does no harm. */
import type { RequirementView } from '../../strategy/run/view.js';
import { interruption, pause, resumeDetails, withHeartbeat, workerLeft } from '../attempt.js';
import type { EvaluateJob, TimedRequirement } from '../contract.js';
import type { Dependencies } from '../dependencies.js';
import { durationText } from '../wording.js';
import { probe, probeContextOf } from './index.js';
import { evaluateSustained } from './sustained.js';
import type { ProbeContext, ProbeResult } from './verdict.js';

const AT_ONCE = 4;

/**
 * One result per requirement, in order. Those with a window are sampled beside the others, each for as long as it takes.
 * With `withinMs`, what has no answer by then is inconclusive.
 */
export async function evaluate(
  dependencies: Dependencies,
  job: EvaluateJob,
): Promise<readonly RequirementView[]> {
  const held = heldSoFar(resumeDetails(), job.requirements.length);
  return withHeartbeat(
    () => evaluateAll(dependencies, job, held),
    () => ({ resume: { held } }),
  );
}

/** `held`: per requirement, for how many milliseconds of its window it has held. */
async function evaluateAll(
  dependencies: Dependencies,
  job: EvaluateJob,
  held: number[],
): Promise<readonly RequirementView[]> {
  const probes = job.requirements.map(({ probe }) => probe);
  const settings = { probes, baselines: job.baselines, timeoutMs: job.timeoutMs };
  const context = await probeContextOf(dependencies, job.context, settings);
  const { requirements, withinMs } = job;
  const results = new Map<number, RequirementView>();
  const settle = ({ text, probe: machine }: TimedRequirement, index: number, result: ProbeResult): void => {
    results.set(index, { text, how: machine.how, verdict: result.verdict, evidence: result.evidence });
  };
  const once = [...requirements.entries()].filter(([, { windowMs }]) => windowMs === null).values();
  const worker = async (): Promise<void> => {
    for (const [index, requirement] of once) {
      settle(requirement, index, await probe(requirement.probe, context));
    }
  };
  const all = Promise.all([
    ...Array.from({ length: withinMs === undefined ? AT_ONCE : requirements.length }, worker),
    ...requirements.map(async (requirement, index) => {
      if (requirement.windowMs === null) return;
      settle(
        requirement,
        index,
        await sustained(requirement, requirement.windowMs, index, job, held, context),
      );
    }),
  ]);
  await (withinMs === undefined ? all : Promise.race([all, pause(withinMs)]));
  if (interruption() === 'leave') throw workerLeft();
  return requirements.map(
    ({ text, probe: { how } }, index) =>
      results.get(index) ?? {
        text,
        how,
        verdict: 'inconclusive',
        evidence: `no answer within ${durationText(withinMs ?? job.timeoutMs)}`,
      },
  );
}

function sustained(
  { probe: machine }: TimedRequirement,
  windowMs: number,
  index: number,
  { intervalMs }: EvaluateJob,
  held: number[],
  context: ProbeContext,
): Promise<ProbeResult> {
  const progress = (heldMs: number): void => {
    held[index] = heldMs;
  };
  return evaluateSustained(machine, context, { windowMs, intervalMs, heldMs: held[index] ?? 0, progress });
}

function heldSoFar(details: unknown, count: number): number[] {
  const held =
    typeof details === 'object' && details !== null && 'held' in details && Array.isArray(details.held)
      ? details.held
      : [];
  return Array.from({ length: count }, (_, index) => {
    const value: unknown = held[index];
    return typeof value === 'number' ? value : 0;
  });
}
