/**
 * A view packed for the journey from one Temporal run to the next, whose payloads end at 2 MiB: names and types come
 * from the plan again, a step that never began is a 0, and one that is done keeps its details only while there is room.
 * What is left out of the view stays in the record.
 */
import type { PlanHead } from './carried-plan.js';
import { newStep } from './pending.js';
import type { MigrationView, PhaseView, StepStatus, StepView } from './view.js';

/** A step: status, reason, attempts, undone, actionsDone, startedAt, endedAt, and the details where they were kept. */
type PackedStep =
  | 0
  | readonly [
      StepStatus,
      string,
      number,
      number,
      number,
      string | null,
      string | null,
      Pick<StepView, 'requirements' | 'output'>?,
    ];

export type PackedView = Omit<MigrationView, 'phases'> & {
  readonly phases: readonly (Omit<PhaseView, 'steps'> & { readonly steps: readonly PackedStep[] })[];
};

/** Steps up to which every detail is carried: at a few hundred bytes each, far below the limit. */
const DETAILED_STEPS = 1000;

const OVER: ReadonlySet<StepStatus> = new Set(['completed', 'skipped', 'rolled_back']);

export function packView(view: MigrationView): PackedView {
  const count = view.phases.reduce((sum, { steps }) => sum + steps.length, 0);
  const keeps = (step: StepView) => count <= DETAILED_STEPS || !OVER.has(step.status);
  return {
    ...view,
    phases: view.phases.map((phase) => ({
      ...phase,
      steps: phase.steps.map((step) => pack(step, keeps(step))),
    })),
  };
}

/** The view again; `plan` is the one it was made from. */
export function unpackView(packed: PackedView, plan: PlanHead): MigrationView {
  return {
    ...packed,
    phases: packed.phases.map((phase, phaseIndex) => ({
      ...phase,
      steps: (plan.phases[phaseIndex]?.steps ?? []).map(({ id, name, type }, index) =>
        unpack(newStep(id, name, type), phase.steps[index] ?? 0),
      ),
    })),
  };
}

function pack(step: StepView, keep: boolean): PackedStep {
  const { status, reason, attempts, undone, actionsDone, startedAt, endedAt, requirements, output } = step;
  if (status === 'pending' && attempts === 0) return 0;
  const head = [status, reason, attempts, undone, actionsDone, startedAt, endedAt] as const;
  return keep && (requirements.length > 0 || output !== null) ? [...head, { requirements, output }] : head;
}

function unpack(step: StepView, packed: PackedStep): StepView {
  if (packed === 0) return step;
  const [status, reason, attempts, undone, actionsDone, startedAt, endedAt, details] = packed;
  return { ...step, status, reason, attempts, undone, actionsDone, startedAt, endedAt, ...details };
}
