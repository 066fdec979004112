/** Requirements: what a machine can evaluate is evaluated, what it cannot decide is asked, what fails stops. */
import { isCancellation } from '@temporalio/workflow';
import type { MachineRequirement } from '../activities/contract.js';
import { mergeNeeds } from '../strategy/kinds/needs.js';
import { isMachineProbe, needsOfProbe, probeNeedsHost } from '../strategy/kinds/probes/index.js';
import { windowMsOf } from '../strategy/kinds/probes/metric.js';
import type { Requirement } from '../strategy/plan.js';
import type { Need } from '../strategy/run/decision.js';
import type { Subject } from '../strategy/run/event.js';
import { evaluateFact } from '../strategy/run/facts.js';
import type { Baselines, RequirementView } from '../strategy/run/view.js';
import { evaluator, messageOf, quickEvaluator } from './activities.js';
import { ask } from './decisions.js';
import { withHostFailover } from './hosts.js';
import { contextFor, pinnedContext } from './job-context.js';
import { tooLarge } from './limits.js';
import type { Run } from './run.js';

/** Milliseconds one probe may take before it counts as broken. */
export const PROBE_TIMEOUT_MS = 5 * 60_000;

export interface Settled {
  /** Every result, in the order of the requirements. */
  readonly results: readonly RequirementView[];
  readonly failed: readonly RequirementView[];
  /** The sentences that only a person can answer. */
  readonly open: readonly string[];
}

/**
 * Evaluates all of it. What is inconclusive is put to a person, who may have it evaluated again; but a known failure
 * decides at once, since no answer about its neighbours could change it.
 */
export async function settle(
  run: Run,
  subject: Subject,
  requirements: readonly Requirement[],
  needs: readonly Need[],
): Promise<Settled> {
  const open = openOf(requirements);
  let results = await evaluate(run, subject, requirements);
  for (;;) {
    const failed = results.filter(({ verdict }) => verdict === 'fail');
    const unsure = results.filter(({ verdict }) => verdict === 'inconclusive');
    if (failed.length > 0 || unsure.length === 0) return { results, failed, open };
    const answer = await ask(run, {
      kind: 'inconclusive',
      subject: subject.id,
      question: `No verdict on ${list(unsure.map(({ text }) => text))}. Evaluate again, or answer whether it holds?`,
      needs,
      evidence: results,
    });
    if (answer.option === 'retry') {
      results = await evaluate(run, subject, requirements);
      continue;
    }
    const verdict = answer.option === 'pass' ? 'pass' : 'fail';
    const evidence = `${verdict} by ${answer.by}${answer.reason === null ? '' : `: ${answer.reason}`}`;
    results = results.map((result) =>
      result.verdict === 'inconclusive' ? { ...result, verdict, evidence } : result,
    );
    run.emit({ type: 'requirements-evaluated', subject, results });
  }
}

/** One result per requirement; a person's stays without a verdict. Emitted as one event when there is anything. */
export async function evaluate(
  run: Run,
  subject: Subject,
  requirements: readonly Requirement[],
): Promise<readonly RequirementView[]> {
  if (requirements.length === 0) return [];
  const machine = requirements.filter(isForMachine);
  const seen = new Map<Requirement, RequirementView>();
  if (machine.length > 0) {
    const answers = await evaluateByMachine(run, machine, baselinesOf(run, subject));
    machine.forEach((requirement, index) => {
      const answer = answers[index];
      if (answer !== undefined) seen.set(requirement, answer);
    });
  }
  const results = requirements.map(
    (requirement) => seen.get(requirement) ?? withoutMachine(run, requirement, seen),
  );
  run.emit({ type: 'requirements-evaluated', subject, results });
  return results;
}

/** Baselines belong to a step: what stands elsewhere and compares with one is asked of a person. */
function baselinesOf(run: Run, subject: Subject): Baselines {
  return subject.kind === 'step' ? run.stepView(subject.phase, subject.id).baselines : {};
}

function windowOf(run: Run, { probe }: MachineRequirement): number | null {
  const ms = windowMsOf(probe);
  return ms === null ? null : run.compressed(ms);
}

/** One result per requirement, in order; emits nothing. With `withinMs`, takes no longer than that and two seconds. */
export async function evaluateByMachine(
  run: Run,
  requirements: readonly MachineRequirement[],
  baselines: Baselines,
  withinMs?: number,
): Promise<readonly RequirementView[]> {
  const needsHost = requirements.some(({ probe }) => probeNeedsHost(probe, run.plan.bindings));
  const timed = requirements.map((requirement) => ({ ...requirement, windowMs: windowOf(run, requirement) }));
  const longestMs = Math.max(0, ...timed.map(({ windowMs }) => windowMs ?? 0));
  const needs = mergeNeeds(requirements.map(({ probe }) => needsOfProbe(probe)));
  try {
    // What may not take long pins nothing: a database that is used for the first time there is not waited for.
    const { context } =
      withinMs === undefined ? await contextFor(run, needs) : { context: pinnedContext(run, needs) };
    const job = {
      context,
      requirements: timed,
      baselines,
      intervalMs: run.compressed(run.plan.bindings.watch.intervalMs),
      timeoutMs: withinMs ?? PROBE_TIMEOUT_MS,
    };
    const refused = tooLarge(job);
    if (refused !== null) return withoutVerdict(requirements, refused);
    return await withHostFailover(run, needsHost, (queue) =>
      withinMs === undefined
        ? evaluator(queue, longestMs).evaluate(job)
        : quickEvaluator(queue, withinMs).evaluate({ ...job, withinMs }),
    );
  } catch (error) {
    if (isCancellation(error)) throw error;
    return withoutVerdict(requirements, `the probe failed: ${messageOf(error)}`);
  }
}

function withoutVerdict(
  requirements: readonly MachineRequirement[],
  evidence: string,
): readonly RequirementView[] {
  return requirements.map(({ text, probe }) => ({ text, how: probe.how, verdict: 'inconclusive', evidence }));
}

/** The sentences that only a person can answer. */
export function openOf(requirements: readonly Requirement[]): readonly string[] {
  return requirements.filter(({ probe }) => probe.how === 'person').map(({ text }) => text);
}

/** The failed sentences and what was seen, as one line. */
export function describeFailed(failed: readonly RequirementView[]): string {
  return failed.map(({ text, evidence }) => (evidence === null ? text : `${text} (${evidence})`)).join('; ');
}

export function list(items: readonly string[]): string {
  return items.map((item) => `"${item}"`).join(', ');
}

export function isForMachine(requirement: Requirement): requirement is Requirement & MachineRequirement {
  return isMachineProbe(requirement.probe);
}

function withoutMachine(
  run: Run,
  { text, probe }: Requirement,
  seen: ReadonlyMap<Requirement, RequirementView>,
): RequirementView {
  switch (probe.how) {
    case 'state':
      return { text, how: 'state', ...evaluateFact(run.view, probe.fact) };
    case 'declared':
      return { text, how: 'declared', verdict: 'pass', evidence: 'the strategy says that it is verified' };
    case 'covered': {
      const script = [...seen].find(([{ probe: other }]) => 'path' in other && other.path === probe.by)?.[1];
      return {
        text,
        how: 'covered',
        verdict: script?.verdict ?? 'inconclusive',
        evidence: `checked by ${probe.by}${script?.evidence ? `: ${script.evidence}` : ''}`,
      };
    }
    case 'person':
      return { text, how: 'person', verdict: null, evidence: null };
    default:
      return { text, how: probe.how, verdict: 'inconclusive', evidence: 'the worker gave no answer' };
  }
}
