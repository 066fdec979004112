/** What the run carries out once a decision is answered with yes: the commands that its voter answers for. */
import { linesOf } from '../kinds/effects/index.js';
import type { Plan, PlannedStep } from '../plan.js';
import type { Decision } from './decision.js';

export interface StepAhead {
  readonly id: string;
  readonly name: string;
  readonly irreversible: boolean;
  /** What it does, a line each. */
  readonly lines: readonly string[];
}

/** Of a step in question, that step; of a gate, the phase behind it; of a phase, its steps. Empty where nothing follows at once. */
export function stepsAhead(plan: Plan, { subject }: Pick<Decision, 'subject'>): readonly StepAhead[] {
  const { phases } = plan;
  const step = phases.flatMap(({ steps }) => steps).find(({ id }) => id === subject);
  if (step !== undefined) return [ahead(step)];
  const gated = phases.findIndex(({ gate }) => gate?.id === subject);
  const phase = gated >= 0 ? phases[gated + 1] : phases.find(({ id }) => id === subject);
  return (phase?.steps ?? []).map(ahead);
}

function ahead({ id, name, undo, actions }: PlannedStep): StepAhead {
  return { id, name, irreversible: undo.kind === 'impossible', lines: actions.flatMap(linesOf) };
}
