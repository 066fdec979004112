/** How a plan travels into a run. */
import type { Plan, PlannedPhase } from '../plan.js';
import type { StepOutline } from './outline.js';

/** A plan without the bodies of its steps, which are loaded from the plan store when their turn comes. */
export type PlanHead = Omit<Plan, 'phases'> & {
  readonly phases: readonly (Omit<PlannedPhase, 'steps'> & { readonly steps: readonly StepOutline[] })[];
};

/** How a plan travels: whole, or as its head when it is larger than `INLINE_LIMIT`. */
export type EncodedPlan =
  | { readonly kind: 'inline'; readonly plan: Plan }
  | { readonly kind: 'stored'; readonly head: PlanHead };

/** Bytes of JSON above which a plan travels by reference. */
export const INLINE_LIMIT = 1024 * 1024;

/** The type of the failure when a stored plan is missing or damaged: the run waits for it. */
export const PLAN_NOT_USABLE = 'PlanNotUsable';
