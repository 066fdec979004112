/**
 * Undoing one step, or by a level's actions the steps that have no undo of their own, and what a level adds at the end.
 * An undo that fails asks: retry, skip, done by hand, or stop.
 */
import type { Action, Level, PlannedStep, Requirement } from '../strategy/plan.js';
import type { Option } from '../strategy/run/decision.js';
import type { Place } from '../strategy/run/ladder.js';
import type { RequirementView } from '../strategy/run/view.js';
import { type Answer, ask, needOf } from './decisions.js';
import { carryOutEffect, type Effect } from './effects.js';
import { levelOf } from './levels.js';
import { effectsOf } from './procedure.js';
import { describeFailed, evaluate } from './requirements.js';
import type { Run } from './run.js';

/** What is undone together. */
interface Undoing {
  /** The step; `rollback-<level>` for those that a level's actions cover. */
  readonly subject: string;
  /** Newest first. */
  readonly places: readonly Place[];
  readonly responsible: string | null;
}

/** Undoes one step. False when a person stopped the rollback here. */
export async function undoStep(run: Run, place: Place): Promise<boolean> {
  const finish = (reason: string) => run.emit({ type: 'step-undone', ...place, reason });
  if (!run.view.applied.includes(place.step)) {
    finish('It had no effect to undo.');
    return true;
  }
  const step = await run.steps.get(place.step);
  const undoing: Undoing = { subject: step.id, places: [place], responsible: step.responsible };
  begin(run, undoing, 'Being undone.');
  switch (step.undo.kind) {
    case 'nothing':
      finish('It has nothing to undo.');
      return true;
    case 'impossible':
      return giveUp(
        run,
        undoing,
        await askUndoFailure(run, undoing, POINT_OF_NO_RETURN, ['skip', 'done', 'stop']),
      );
    case 'actions':
      return undoBy(run, undoing, ownEffects(run, place, step, step.undo.actions), step.undo.checks);
    case 'none': {
      const items = [`Undo ${step.id} (${step.name}), which has no undo of its own`];
      return undoBy(run, undoing, ownEffects(run, place, step, [{ kind: 'manual', items }]), []);
    }
    default:
      return step.undo satisfies never;
  }
}

const POINT_OF_NO_RETURN = 'It is a point of no return (can_rollback: false).';

/**
 * The steps after the landing that the level's actions cover, newest first: those applied without an undo of their own.
 * None when the level has no actions; each is then undone by hand.
 */
export function coveredByLevel(run: Run, level: Level, places: readonly Place[]): readonly Place[] {
  if ((levelOf(run, level)?.actions.length ?? 0) === 0) return [];
  return places.filter(({ phase, step }) => {
    const { status, undo } = run.stepView(phase, step);
    return undo === 'none' && status !== 'rollback_failed' && run.view.applied.includes(step);
  });
}

/** Undoes by the level's actions, once for all the steps that they cover. False when a person stopped the rollback here. */
export async function undoCovered(run: Run, level: Level, places: readonly Place[]): Promise<boolean> {
  const planned = levelOf(run, level);
  const number = run.view.rollback?.number;
  if (planned === undefined || number === undefined) throw new Error(`No ${level} rollback is under way.`);
  const undoing: Undoing = { subject: `rollback-${level}`, places, responsible: planned.responsible };
  begin(run, undoing, `The actions of the ${level} rollback are undoing it.`);
  const effects = effectsOf(planned, planned.actions, {
    subject: `rollback-${number}`,
    phase: null,
    purpose: 'undo',
    incarnation: 0,
    covers: places.map(({ step }) => step),
  });
  return undoBy(run, undoing, effects, []);
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
      question: `Do by hand, to end the ${level} rollback: ${planned.manualSteps.join('; ')}`,
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
  undoing: Undoing,
  effects: readonly Effect[],
  checks: readonly Requirement[],
): Promise<boolean> {
  for (const effect of effects) {
    for (;;) {
      const done = await carryOutEffect(run, effect);
      if (done.result === 'done') break;
      const cause = done.result === 'failed' ? done.cause : 'its outcome is unknown.';
      const answer = await askUndoFailure(run, undoing, cause);
      if (answer !== 'retry') return giveUp(run, undoing, answer);
    }
  }
  for (const { phase, step } of undoing.places) {
    for (;;) {
      const wrong = unmet(await evaluate(run, { kind: 'step', id: step, phase }, checks));
      if (wrong.length === 0) break;
      const cause = `its rollback test does not pass: ${describeFailed(wrong)}`;
      const answer = await askUndoFailure(run, undoing, cause);
      if (answer !== 'retry') return giveUp(run, undoing, answer);
    }
  }
  for (const place of undoing.places) run.emit({ type: 'step-undone', ...place, reason: 'Undone.' });
  return true;
}

/** Neither a failed check nor one without a verdict may pass for a good way back. */
function unmet(results: readonly RequirementView[]): readonly RequirementView[] {
  return results.filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive');
}

function begin(run: Run, { places }: Undoing, reason: string): void {
  for (const place of places) run.emit({ type: 'step-status', ...place, status: 'rolling_back', reason });
}

async function askUndoFailure(
  run: Run,
  undoing: Undoing,
  cause: string,
  options: readonly Option[] = ['retry', 'skip', 'done', 'stop'],
): Promise<Answer | 'retry'> {
  const { subject, places, responsible } = undoing;
  for (const place of places) {
    run.emit({ type: 'undo-failed', ...place, reason: `Could not be undone: ${cause}` });
  }
  const steps = places.map(({ step }) => step).join(', ');
  const answer = await ask(run, {
    kind: 'undo-failure',
    subject,
    question: `${steps} could not be undone: ${cause} What now?`,
    options,
    needs: needOf(responsible),
    evidence: places.flatMap(({ phase, step }) => run.stepView(phase, step).requirements),
  });
  if (answer.option !== 'retry') return answer;
  begin(run, undoing, `Retried by ${answer.by}.`);
  return 'retry';
}

/**
 * `done`: somebody undid it by hand. `skip`: its effects stay. `stop`: the rollback ends here.
 * @returns false when it ends
 */
function giveUp(run: Run, { places }: Undoing, answer: Answer | 'retry'): boolean {
  if (answer === 'retry') return true;
  const why = answer.reason === null ? '' : `: ${answer.reason}`;
  for (const place of places) {
    if (answer.option === 'done') {
      run.emit({ type: 'step-undone', ...place, reason: `Undone by hand by ${answer.by}${why}` });
    } else {
      run.emit({ type: 'undo-failed', ...place, reason: `Left as is by ${answer.by}${why}` });
    }
  }
  return answer.option !== 'stop';
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
