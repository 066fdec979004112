/**
 * The ladder `step -> phase -> full`: how far a rollback goes and where it lands. Pure.
 *
 * A firing trigger picks its level and the highest wins, but what failed outside a step rolls back at least its phase.
 * Without a trigger a step picks `step` where the strategy defines that level, else `phase`; a gate and a start
 * condition pick `phase`; the completion picks `full`.
 */
import type { Level, PlannedLevel } from '../plan.js';
import type { MigrationView } from './view.js';

const LADDER: readonly Level[] = ['step', 'phase', 'full'];

/** What failed, by its place in the strategy. */
export type FailedKind = 'prerequisite' | 'constraints' | 'phase' | 'step' | 'gate' | 'completion';

export function higher(one: Level, other: Level): Level {
  return LADDER.indexOf(one) >= LADDER.indexOf(other) ? one : other;
}

/** The level a failure picks, given the levels whose triggers fire. */
export function pickLevel(
  failed: FailedKind,
  defined: readonly Pick<PlannedLevel, 'level'>[],
  fired: readonly Level[],
): Level {
  const [first] = fired;
  // The step level undoes one step: a gate that fails is not settled by undoing the last of its steps.
  if (first !== undefined) return fired.reduce(higher, failed === 'step' ? first : 'phase');
  switch (failed) {
    case 'step':
      return defined.some(({ level }) => level === 'step') ? 'step' : 'phase';
    case 'gate':
    case 'phase':
      return 'phase';
    case 'prerequisite':
    case 'constraints':
    case 'completion':
      return 'full';
    default:
      return failed satisfies never;
  }
}

/** The landing of a rollback of this level, seen from the phase (and step) where it happens. */
export function landingOf(
  level: Level,
  at: { readonly phase: string | null; readonly step: string | null },
  phases: MigrationView['phases'],
): string {
  if (level === 'full') return 'start';
  const phaseIndex = at.phase === null ? phases.length : phases.findIndex(({ id }) => id === at.phase);
  const before = phases[phaseIndex - 1]?.id ?? 'start';
  if (level === 'phase') return at.phase === null ? (phases[phases.length - 2]?.id ?? 'start') : before;
  const steps = phases[phaseIndex]?.steps ?? [];
  const stepIndex = steps.findIndex(({ id }) => id === at.step);
  return steps[stepIndex - 1]?.id ?? before;
}

/** The level of a rollback that a person commanded by its landing. */
export function levelOfLanding(landing: string, phases: MigrationView['phases']): Level {
  if (landing === 'start') return 'full';
  return phases.some(({ id }) => id === landing) ? 'phase' : 'step';
}

/** A step and the phase it is in. */
export interface Place {
  readonly phase: string;
  readonly step: string;
}

/** Every step after a landing, last first: the order in which they are undone. Null when there is no such landing. */
export function stepsAfter(landing: string, phases: MigrationView['phases']): readonly Place[] | null {
  const places: Place[] = [];
  let reached = landing === 'start';
  for (const phase of phases) {
    for (const step of phase.steps) {
      if (reached) places.push({ phase: phase.id, step: step.id });
      if (step.id === landing) reached = true;
    }
    if (phase.id === landing) reached = true;
  }
  return reached ? places.reverse() : null;
}
