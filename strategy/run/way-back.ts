/** The way back from where a run stands: what a rollback to the start would undo, and in which order. */
import { shellWord } from './answers.js';
import { isOver, type MigrationView, type StepView, type WayBackStep } from './view.js';

/** The applied steps, last first. */
export function wayBackOf(view: Pick<MigrationView, 'applied' | 'phases'>): readonly WayBackStep[] {
  const steps = new Map(view.phases.flatMap((phase) => phase.steps).map((step) => [step.id, step]));
  return view.applied.toReversed().flatMap((id) => {
    const step = steps.get(id);
    return step === undefined ? [] : [wayBackStep(step)];
  });
}

export function wayBackStep({ id, undo }: Pick<StepView, 'id' | 'undo'>): WayBackStep {
  return { step: id, undo, irreversible: undo === 'impossible' };
}

/** What is applied and how to undo it, for people. */
export function describeWayBack(view: MigrationView): readonly string[] {
  const { applied, run, wayBack } = view;
  if (applied.length === 0) return ['Applied: nothing, so there is nothing to roll back.'];
  const stops = wayBack.filter(({ irreversible }) => irreversible).map(({ step }) => step);
  const back = !isOver(view)
    ? `Roll back: sluice rollback ${shellWord(run)} --to ID   (the phase or step to keep, or start)`
    : 'The run has ended, so it cannot be rolled back. `sluice plan` shows how to undo each step.';
  return [
    `Applied: ${applied.join(', ')}`,
    back,
    ...(stops.length === 0 ? [] : [`Points of no return on the way back: ${stops.join(', ')}`]),
  ];
}
