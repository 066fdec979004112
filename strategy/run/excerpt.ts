/** A view small enough for one query reply or one result, whose limit is Temporal's 2 MiB. */
import type { MigrationView, StepView } from './view.js';

/** Steps up to which a view is told whole. */
export const WHOLE_STEPS = 1000;

/** Steps in one page of the query `steps`. */
export const STEPS_PAGE = 1000;

/** The view, without its steps when it has more than `WHOLE_STEPS`; `stepsOf` has them page by page. */
export function excerpt(view: MigrationView): MigrationView {
  const count = view.phases.reduce((sum, { steps }) => sum + steps.length, 0);
  if (count <= WHOLE_STEPS) return view;
  return { ...view, phases: view.phases.map((phase) => ({ ...phase, steps: [] })) };
}

/** One page of the steps of one phase. */
export function stepsOf(view: MigrationView, phase: string, from: number): readonly StepView[] {
  const steps = view.phases.find(({ id }) => id === phase)?.steps ?? [];
  return steps.slice(from, from + STEPS_PAGE);
}
