/** What the run carries out once a decision is answered with yes: the commands that its voter answers for. */
import { linesOf } from '../kinds/effects/index.js';
import type { Plan, PlannedPhase, PlannedStep } from '../plan.js';
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
  const placed = phases.find(({ gates = [] }) => gates.some(({ id }) => id === subject));
  if (placed !== undefined) return stepsBehind(placed, subject).map(ahead);
  const phase = gated >= 0 ? phases[gated + 1] : phases.find(({ id }) => id === subject);
  return (phase?.steps ?? []).map(ahead);
}

/** Of a gate within a phase: the steps up to the next one. */
function stepsBehind({ steps, gates = [] }: PlannedPhase, gate: string): readonly PlannedStep[] {
  const places = gates.map(({ id, after }) => ({
    id,
    from: steps.findIndex((step) => step.id === after) + 1,
  }));
  const own = places.find(({ id }) => id === gate);
  if (own === undefined) return [];
  const ends = places.map(({ from }) => from).filter((from) => from > own.from);
  return steps.slice(own.from, Math.min(steps.length, ...ends));
}

function ahead({ id, name, undo, actions }: PlannedStep): StepAhead {
  return { id, name, irreversible: undo.kind === 'impossible', lines: actions.flatMap(linesOf) };
}
