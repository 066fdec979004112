/** A view small enough for one query reply or one result, whose limit is Temporal's 2 MiB. */
import { PAGE_CHARACTERS, pageOf } from './pages.js';
import type { MigrationView, StepView } from './view.js';

/** Steps up to which a view may be told whole: more of them are not even measured, which takes time with every query. */
const WHOLE_STEPS = 1000;

/** Steps in one page of the query `steps`. */
const STEPS_PAGE = 1000;

/** The view, without its steps when they do not fit; `stepsOf` has them page by page. */
export function excerpt(view: MigrationView): MigrationView {
  const count = view.phases.reduce((sum, { steps }) => sum + steps.length, 0);
  if (count <= WHOLE_STEPS && JSON.stringify(view).length <= PAGE_CHARACTERS) return view;
  return { ...view, phases: view.phases.map((phase) => ({ ...phase, steps: [] })) };
}

/** One page of the steps of one phase; none past its end. */
export function stepsOf(view: MigrationView, phase: string, from: number): readonly StepView[] {
  return pageOf(view.phases.find(({ id }) => id === phase)?.steps ?? [], from, STEPS_PAGE);
}
