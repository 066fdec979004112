/** `rollback_point` of a phase: whether a rollback may pass it, and the test that shows that the phase is taken back. */
import { nonBlank, type Phase } from '../document.js';
import type { PlannedPhase, PlannedStep, Requirement } from '../plan.js';
import { below } from '../pointer.js';
import type { Compilation } from './compilation.js';
import { isExecutable } from './executable.js';
import { AT_THE_END } from './facts.js';
import { shorten } from './reporter.js';
import { datasetRequirement } from './requirement.js';
import { type Sentence, sentenceAt } from './work.js';

export type WithRollbackPoint = Pick<PlannedPhase, 'steps' | 'pointOfNoReturn' | 'rollbackPoint'>;

/** @param steps of the phase, in the order in which they run */
export function withRollbackPoint(
  c: Compilation,
  { rollback_point: point }: Phase,
  pointer: string,
  steps: readonly PlannedStep[],
): WithRollbackPoint {
  if (!point) return { steps, pointOfNoReturn: false };
  const procedure = sentenceAt(point.rollback_procedure, below(pointer, 'rollback_procedure'));
  if (procedure !== null) coverProcedure(c, procedure);
  const tested = withTest(c, sentenceAt(point.rollback_test_id, below(pointer, 'rollback_test_id')), steps);
  if (point.can_rollback_from_here !== false) {
    return {
      steps: tested,
      pointOfNoReturn: false,
      rollbackPoint: { test: nonBlank(point.rollback_test_id) },
    };
  }
  const how = 'asked before a rollback undoes a step of this phase';
  c.cover(below(pointer, 'can_rollback_from_here'), 'can_rollback_from_here: false', 'person', how);
  return { steps: tested, pointOfNoReturn: true };
}

/** A rollback has taken the phase back once the oldest step that has an undo is undone: the test is a check of that undo. */
function withTest(
  c: Compilation,
  test: Sentence | null,
  steps: readonly PlannedStep[],
): readonly PlannedStep[] {
  if (test === null) return steps;
  const { pointer, text } = test;
  const last = steps.find(({ undo }) => undo.kind === 'actions');
  if (last === undefined) {
    c.cover(pointer, text, 'not-carried-out', 'not run: no step of the phase has an undo to test');
    return steps;
  }
  const person = `after the undo of ${last.id}: ${last.responsible ?? 'anyone'}`;
  const check = datasetRequirement(c, text, { pointer, at: AT_THE_END, connection: null, person });
  return steps.map((step) => (step === last ? withCheck(step, check) : step));
}

function withCheck(step: PlannedStep, check: Requirement): PlannedStep {
  const { undo } = step;
  return undo.kind === 'actions' ? { ...step, undo: { ...undo, checks: [...undo.checks, check] } } : step;
}

function coverProcedure(c: Compilation, { pointer, text }: Sentence): void {
  const how =
    'words only: a rollback runs the undo of each step, in reverse order, and the actions of its level';
  c.cover(pointer, text, 'not-carried-out', how);
  if (!isExecutable(c, text)) return;
  c.report(pointer, {
    code: 'not-run',
    severity: 'warning',
    message: `"${shorten(text)}" looks executable, but a rollback point runs nothing`,
    advice: 'Put it into the rollback_procedure of a step, or of a level of rollback_strategy.',
  });
}
