/** Changing one place of a view; a place that the view does not have changes nothing. */
import type { GateView, MigrationView, PhaseView, StepView } from './view.js';

export function inPhase(
  view: MigrationView,
  id: string,
  update: (phase: PhaseView) => PhaseView,
): MigrationView {
  return { ...view, phases: view.phases.map((phase) => (phase.id === id ? update(phase) : phase)) };
}

export function inStep(
  view: MigrationView,
  phase: string,
  id: string,
  update: (step: StepView) => StepView,
): MigrationView {
  return inPhase(view, phase, (found) => {
    const index = found.steps.findIndex((step) => step.id === id);
    const step = found.steps[index];
    return step === undefined ? found : { ...found, steps: found.steps.with(index, update(step)) };
  });
}

export function inAnyStep(
  view: MigrationView,
  id: string,
  update: (step: StepView) => StepView,
): MigrationView {
  const phase = view.phases.find(({ steps }) => steps.some((step) => step.id === id));
  return phase === undefined ? view : inStep(view, phase.id, id, update);
}

export function inGate(
  view: MigrationView,
  phase: string,
  id: string,
  update: (gate: GateView) => GateView,
): MigrationView {
  return inPhase(view, phase, (found) => {
    if (found.gate?.id === id) return { ...found, gate: update(found.gate) };
    if (found.gates === undefined) return found;
    const gates = found.gates.map((gate) => (gate.id === id ? { ...gate, ...update(gate) } : gate));
    return { ...found, gates };
  });
}
