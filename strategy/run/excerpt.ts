/** A view small enough for one query reply or one result, whose limit is Temporal's 2 MiB. */
import { PAGE_CHARACTERS, pageOf } from './pages.js';
import type { MigrationView, PhaseView, StepStatus, StepView, WayBackStep } from './view.js';

/** Steps up to which a view may be told whole: more of them are not even measured, which takes time with every query. */
export const WHOLE_STEPS = 1000;

/** Steps in one page of the query `steps`. */
const STEPS_PAGE = 1000;

/** Of the steps that something happens to, and of the way back, a summary has so many. */
const SUMMARY_STEPS = 20;
const SUMMARY_WAY_BACK = 100;

/** What has happened to most steps of a long run, or not yet: a summary only counts them. */
const QUIET: ReadonlySet<StepStatus> = new Set(['pending', 'completed', 'skipped', 'rolled_back']);
const DONE: ReadonlySet<StepStatus> = new Set(['completed', 'skipped']);

/** The view, or its summary when it is too large; `stepsOf` has the steps page by page. */
export function excerpt(view: MigrationView): MigrationView {
  const count = view.phases.reduce((sum, { steps }) => sum + steps.length, 0);
  if (count <= WHOLE_STEPS && JSON.stringify(view).length <= PAGE_CHARACTERS) return view;
  const busy = view.phases.flatMap(({ steps }) => steps).filter(({ status }) => !QUIET.has(status));
  const listed = new Set(pageOf(busy, 0, SUMMARY_STEPS));
  return {
    ...view,
    phases: view.phases.map((phase) => summaryOf(phase, listed)),
    wayBack: view.wayBack.filter(isShown),
  };
}

/** One page of the steps of one phase; none past its end. */
export function stepsOf(view: MigrationView, phase: string, from: number): readonly StepView[] {
  return pageOf(view.phases.find(({ id }) => id === phase)?.steps ?? [], from, STEPS_PAGE);
}

/** How many steps of a phase are done, and how many it has, whether they are listed or not. */
export function progressOf({ steps, omitted }: PhaseView): { readonly done: number; readonly all: number } {
  const done = steps.filter(({ status }) => DONE.has(status)).length;
  return { done: done + (omitted?.done ?? 0), all: steps.length + (omitted?.steps ?? 0) };
}

function summaryOf(phase: PhaseView, listed: ReadonlySet<StepView>): PhaseView {
  const steps = phase.steps.filter((step) => listed.has(step));
  const { done, all } = progressOf(phase);
  const open = phase.gates?.filter(({ status }) => status !== 'pending' && status !== 'passed');
  const gates = open === undefined ? {} : { gates: open };
  return { ...phase, steps, omitted: { steps: all - steps.length, done }, ...gates };
}

function isShown({ irreversible }: WayBackStep, index: number): boolean {
  return irreversible || index < SUMMARY_WAY_BACK;
}
