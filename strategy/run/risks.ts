/** The risks of a place in the plan, as evidence for whoever decides there. */
import type { PlannedRisk } from '../plan.js';
import type { RequirementView } from './requirement.js';
import type { MigrationView, PhaseView } from './view.js';

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

export interface PlacedRisks {
  /** Of the phase or step under way, or of what failed. */
  readonly now: readonly PlannedRisk[];
  /** Of what has not begun. */
  readonly ahead: readonly PlannedRisk[];
}

/** The risks that a run still has; those of what is done are behind it, until a rollback. */
export function placedRisks({ risks = [], phases, endedAt }: MigrationView): PlacedRisks {
  if (endedAt !== null) return { now: [], ahead: [] };
  const at = phases.filter(({ status }) => status !== 'pending' && status !== 'completed');
  const next = phases.filter(({ status }) => status === 'pending');
  const now = risks.filter((risk) => at.some((phase) => affectsNow(risk, phase)));
  const ahead = risks.filter(
    (risk) => !now.includes(risk) && [...at, ...next].some((phase) => affectsRest(risk, phase)),
  );
  return { now, ahead };
}

/** A line for each risk of what is under way, and one with the ids of the rest. */
export function describeRisks(view: MigrationView): string[] {
  const { now, ahead } = placedRisks(view);
  const lines = now.map(({ id, text, measures }) => {
    const measure = measures.length === 0 ? '' : ` (${measures.join('; ')})`;
    return `Risk under way: ${id} ${text}${measure}`;
  });
  return ahead.length === 0 ? lines : [...lines, `Risks ahead: ${ahead.map(({ id }) => id).join(', ')}`];
}

function affectsNow(risk: PlannedRisk, { id, steps }: PhaseView): boolean {
  return (
    risk.phases.includes(id) ||
    steps.some((step) => risk.steps.includes(step.id) && !AT_REST.has(step.status))
  );
}

function affectsRest(risk: PlannedRisk, { id, steps }: PhaseView): boolean {
  return (
    risk.phases.includes(id) ||
    steps.some((step) => risk.steps.includes(step.id) && step.status === 'pending')
  );
}

const AT_REST: ReadonlySet<string> = new Set(['pending', 'completed', 'skipped', 'rolled_back']);
