/** The view of a run after it took another plan: what was carried out keeps its state, and what is ahead is drawn anew. */
import { newAfterwards } from './afterwards.js';
import type { Outline } from './outline.js';
import { newGate, newPlacedGate, newStep } from './pending.js';
import type { GateView, MigrationView, PhaseView, StepView } from './view.js';

/** `outline` is that of the new plan, and `hash` its hash. */
export function amendedView(view: MigrationView, outline: Outline, hash: string): MigrationView {
  const steps = new Map(view.phases.flatMap((phase) => phase.steps.map((step) => [step.id, step])));
  const phases = new Map(view.phases.map((phase) => [phase.id, phase]));
  const prerequisites = new Map(view.prerequisites.map((known) => [known.id, known]));
  const { timeline: _earlier, dashboards: _others, risks: _known, afterwards: _planned, ...rest } = view;
  return {
    ...rest,
    ...(outline.timeline === undefined ? {} : { timeline: outline.timeline }),
    ...(outline.dashboards === undefined ? {} : { dashboards: outline.dashboards }),
    ...(outline.risks === undefined ? {} : { risks: outline.risks }),
    ...newAfterwards(outline.afterwards),
    strategy: { ...outline.strategy, hash },
    prerequisites: outline.prerequisites.map(({ id, name }) => ({
      ...(prerequisites.get(id) ?? { status: 'pending', reason: '', requirements: [] }),
      id,
      name,
    })),
    phases: outline.phases.map(({ id, name, steps: planned, gate, gates }) => {
      const { gates: earlier = [], ...known } = phases.get(id) ?? BLANK;
      return {
        ...known,
        id,
        name,
        steps: planned.map((step) => amendedStep(newStep(step), steps.get(step.id))),
        gate: gate === null ? null : amendedGate(newGate(gate.id, gate.name), known.gate),
        ...(gates === undefined
          ? {}
          : {
              gates: gates.map(newPlacedGate).map((fresh) =>
                amendedGate(
                  fresh,
                  earlier.find((each) => each.id === fresh.id),
                ),
              ),
            }),
      };
    }),
  };
}

/** A phase that was not in the plan before. */
const BLANK: Pick<PhaseView, 'status' | 'reason' | 'requirements' | 'omitted' | 'gate' | 'gates'> = {
  status: 'pending',
  reason: '',
  requirements: [],
  omitted: null,
  gate: null,
};

/** How often it was started and undone goes on counting: the key of its effects must not come again. */
function amendedStep(fresh: StepView, known: StepView | undefined): StepView {
  if (known === undefined) return fresh;
  if (known.status !== 'pending') return { ...known, name: fresh.name };
  return { ...fresh, attempts: known.attempts, undone: known.undone };
}

function amendedGate<G extends GateView>(fresh: G, known: G | null | undefined): G {
  return known?.id === fresh.id && known.status === 'passed' ? known : fresh;
}
