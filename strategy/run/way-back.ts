/** The way back from where a run stands: what a rollback to the start would undo, and in which order. */
import type { MigrationView, StepView, WayBackStep } from './view.js';

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
