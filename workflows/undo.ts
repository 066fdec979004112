/** Undoing one step, and what a level adds at the end. An undo that fails asks: retry, skip, done by hand, or stop. */
import type { Action, Level, PlannedLevel, PlannedStep, Requirement } from '../strategy/plan.js';
import type { Option } from '../strategy/run/decision.js';
import type { Place } from '../strategy/run/ladder.js';
import type { RequirementView } from '../strategy/run/view.js';
import { ask, needOf } from './decisions.js';
import { carryOutEffect, type Effect } from './effects.js';
import { levelOf } from './levels.js';
import { effectsOf } from './procedure.js';
import { describeFailed, evaluate } from './requirements.js';
import type { Run } from './run.js';

/** Undoes one step. False when a person stopped the rollback here. */
export async function undoStep(run: Run, place: Place): Promise<boolean> {
  const finish = (reason: string) => run.emit({ type: 'step-undone', ...place, reason });
  if (!run.view.applied.includes(place.step)) {
    finish('It had no effect to undo.');
    return true;
  }
  const step = await run.steps.get(place.step);
  run.emit({ type: 'step-status', ...place, status: 'rolling_back', reason: 'Being undone.' });
  switch (step.undo.kind) {
    case 'nothing':
      finish('It has nothing to undo.');
      return true;
    case 'impossible':
      return settleFailure(run, place, step, 'It is a point of no return (can_rollback: false).', [
        'skip',
        'done',
        'stop',
      ]);
    case 'actions':
      return undoBy(run, place, step, ownEffects(run, place, step, step.undo.actions), step.undo.checks);
    case 'none':
      return undoByLevel(run, place, step);
    default:
      return step.undo satisfies never;
  }
}

/** What a level asks for when the last undo is done. False when a person stopped it. */
export async function settleLevel(run: Run, level: Level): Promise<boolean> {
  const planned = levelOf(run, level);
  if (planned === undefined) return true;
  const needs = needOf(planned.responsible);
  if (planned.manualSteps.length > 0) {
    const answer = await ask(run, {
      kind: 'manual',
      subject: `rollback-${level}`,
      question: `To be done by hand, to end the ${level} rollback: ${planned.manualSteps.join('; ')}`,
      needs,
      checklist: planned.manualSteps,
    });
    if (answer.option === 'failed') return false;
  }
  const open = planned.checks.filter(({ probe }) => probe.how === 'person').map(({ text }) => text);
  for (;;) {
    const results = await evaluate(run, { kind: 'rollback', id: level }, planned.checks);
    const wrong = unmet(results);
    if (wrong.length === 0 && open.length === 0) return true;
    if (wrong.length === 0) {
      const answer = await ask(run, {
        kind: 'confirm',
        subject: `rollback-${level}`,
        question: `After the ${level} rollback, does this hold? ${open.join('; ')}`,
        needs,
        evidence: results,
        checklist: open,
      });
      if (answer.option === 'confirm') return true;
    }
    const answer = await ask(run, {
      kind: 'undo-failure',
      subject: `rollback-${level}`,
      question: `The ${level} rollback is done, but its checks do not hold: ${describeFailed(wrong) || open.join('; ')}`,
      needs,
      evidence: results,
    });
    if (answer.option === 'stop') return false;
    if (answer.option !== 'retry') return true;
  }
}

async function undoBy(
  run: Run,
  place: Place,
  step: PlannedStep,
  effects: readonly Effect[],
  checks: readonly Requirement[],
): Promise<boolean> {
  for (const effect of effects) {
    for (;;) {
      const done = await carryOutEffect(run, effect);
      if (done.result === 'done') break;
      const cause = done.result === 'failed' ? done.cause : 'its outcome is unknown.';
      const answer = await askUndoFailure(run, place, step, cause, ['retry', 'skip', 'done', 'stop']);
      if (answer !== 'retry') return conclude(run, place, answer);
    }
  }
  for (;;) {
    const wrong = unmet(await evaluate(run, { kind: 'step', id: place.step, phase: place.phase }, checks));
    if (wrong.length === 0) break;
    const cause = `its rollback test does not pass: ${describeFailed(wrong)}`;
    const answer = await askUndoFailure(run, place, step, cause, ['retry', 'skip', 'done', 'stop']);
    if (answer !== 'retry') return conclude(run, place, answer);
  }
  run.emit({ type: 'step-undone', ...place, reason: 'Undone.' });
  return true;
}

/** Neither a failed check nor one without a verdict may pass for a good way back. */
function unmet(results: readonly RequirementView[]): readonly RequirementView[] {
  return results.filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive');
}

async function settleFailure(
  run: Run,
  place: Place,
  step: PlannedStep,
  cause: string,
  options: readonly Option[],
): Promise<boolean> {
  return conclude(run, place, await askUndoFailure(run, place, step, cause, options));
}

type UndoAnswer = { readonly option: Option; readonly by: string; readonly reason: string | null };

async function askUndoFailure(
  run: Run,
  place: Place,
  step: PlannedStep,
  cause: string,
  options: readonly Option[],
): Promise<UndoAnswer | 'retry'> {
  run.emit({ type: 'undo-failed', ...place, reason: `Could not be undone: ${cause}` });
  const answer = await ask(run, {
    kind: 'undo-failure',
    subject: step.id,
    question: `${step.id} could not be undone: ${cause} What now?`,
    options,
    needs: needOf(step.responsible),
    evidence: run.stepView(place.phase, place.step).requirements,
  });
  if (answer.option !== 'retry') return answer;
  run.emit({
    type: 'step-status',
    ...place,
    status: 'rolling_back',
    reason: `Undone again, as ${answer.by} said.`,
  });
  return 'retry';
}

/** `done`: somebody undid it by hand. `skip`: its effects stay. `stop`: the rollback ends here. */
function conclude(run: Run, place: Place, answer: UndoAnswer | 'retry'): boolean {
  if (answer === 'retry') return true;
  const why = answer.reason === null ? '' : `: ${answer.reason}`;
  if (answer.option === 'done') {
    run.emit({ type: 'step-undone', ...place, reason: `Undone by hand, says ${answer.by}${why}` });
    return true;
  }
  run.emit({ type: 'undo-failed', ...place, reason: `Left as it is by ${answer.by}${why}` });
  return answer.option === 'skip';
}

function ownEffects(
  run: Run,
  place: Place,
  step: PlannedStep,
  actions: readonly Action[],
): readonly Effect[] {
  const incarnation = run.stepView(place.phase, place.step).undone;
  return effectsOf(step, actions, { subject: step.id, phase: place.phase, purpose: 'undo', incarnation });
}

/**
 * The level's actions cover every step without an undo of its own, so that they run once per rollback: those that follow
 * find it done, but not when it failed and was skipped. Without a level's actions, a person is asked.
 */
async function undoByLevel(run: Run, place: Place, step: PlannedStep): Promise<boolean> {
  const { rollback } = run.view;
  const level = rollback === null ? undefined : levelOf(run, rollback.level);
  if (rollback === null || level === undefined || level.actions.length === 0) {
    const items = [`Take back ${step.id} (${step.name}), which has no undo of its own`];
    return undoBy(run, place, step, ownEffects(run, place, step, [{ kind: 'manual', items }]), []);
  }
  if (run.coveredBy === rollback.number) return undoBy(run, place, step, [], []);
  const goesOn = await undoBy(run, place, step, coveringEffects(rollback.number, level), []);
  if (!run.view.applied.includes(step.id)) run.coveredBy = rollback.number;
  return goesOn;
}

function coveringEffects(rollback: number, level: PlannedLevel): readonly Effect[] {
  const place = { subject: `rollback-${rollback}`, phase: null, purpose: 'undo', incarnation: 0 } as const;
  return effectsOf(level, level.actions, place);
}
