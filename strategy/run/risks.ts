/** The risks of a place in the plan, as evidence for whoever decides there. */
import type { PlannedRisk } from '../plan.js';
import type { RequirementView } from './requirement.js';

interface Place {
  readonly id: string;
  readonly steps: readonly { readonly id: string }[];
}

/** The risks of a phase, with those of its steps. */
export function risksOfPhase(
  risks: readonly PlannedRisk[],
  { id, steps: inside }: Place,
): readonly PlannedRisk[] {
  return risks.filter(
    ({ phases, steps }) => phases.includes(id) || inside.some((step) => steps.includes(step.id)),
  );
}

/** The risks of a step, with those of its whole phase. */
export function risksOfStep(
  risks: readonly PlannedRisk[],
  phase: string,
  step: string,
): readonly PlannedRisk[] {
  return risks.filter(({ phases, steps }) => phases.includes(phase) || steps.includes(step));
}

/** One entry without a verdict per risk. */
export function riskEvidence(risks: readonly PlannedRisk[]): readonly RequirementView[] {
  return risks.map(({ id, text, measures }) => ({
    text: `risk ${id}: ${text}`,
    how: 'declared',
    verdict: null,
    evidence: measures.length === 0 ? null : measures.join('; '),
  }));
}
