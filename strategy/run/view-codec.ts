/**
 * A view packed for the journey from one Temporal run to the next, whose payloads end at 2 MiB: names and types come
 * from the plan again, a step that never began is a 0, and one that is done keeps its details only while there is room.
 * What is left out of the view stays in the record.
 */
import type { PlanHead } from './encoded-plan.js';
import { newStep } from './pending.js';
import type { MigrationView, PhaseView, StepStatus, StepView } from './view.js';
import { wayBackOf } from './way-back.js';

/**
 * A step: status (its place in `STATUSES`), reason (0 for the usual one), attempts, undone, actionsDone, startedAt and
 * endedAt in milliseconds since 1970, and the details where they were kept. Some 45 characters for a step that is over.
 */
type PackedStep =
  | 0
  | readonly [
      number,
      string | 0,
      number,
      number,
      number,
      number | null,
      number | null,
      Pick<StepView, 'requirements' | 'output' | 'baselines' | 'waited'>?,
    ];

/** Never reordered: the places are in the histories of runs under way. */
const STATUSES = [
  'pending',
  'waiting',
  'running',
  'validating',
  'soaking',
  'completed',
  'skipped',
  'failed',
  'rolling_back',
  'rolled_back',
  'rollback_failed',
] as const satisfies readonly StepStatus[];

/** What nearly every step of a long run says. */
const USUAL: Readonly<Partial<Record<StepStatus, string>>> = { completed: 'Done.', rolled_back: 'Undone.' };

export type PackedView = Omit<MigrationView, 'phases' | 'wayBack'> & {
  readonly phases: readonly (Omit<PhaseView, 'steps'> & { readonly steps: readonly PackedStep[] })[];
};

/** Characters of details of steps that are over: even in three bytes each they leave room for a plan and all the rest. */
const DETAILS = 128 * 1024;

const OVER: ReadonlySet<StepStatus> = new Set(['completed', 'skipped', 'rolled_back']);

/** While there is room for the details of steps that are over, those of the later phases and steps are kept. */
export function packView(view: MigrationView): PackedView {
  let room = DETAILS;
  const keeps = (step: StepView) => {
    if (!OVER.has(step.status)) return true;
    if (room > 0) room -= JSON.stringify(step).length;
    return room > 0;
  };
  const phases = view.phases.toReversed().map((phase) => ({
    ...phase,
    steps: phase.steps
      .toReversed()
      .map((step) => pack(step, keeps(step)))
      .toReversed(),
  }));
  const { wayBack: _followsFromTheSteps, ...rest } = view;
  return { ...rest, phases: phases.toReversed() };
}

/** The view again; `plan` is the one it was made from. */
export function unpackView(packed: PackedView, plan: PlanHead): MigrationView {
  const phases = packed.phases.map((phase, phaseIndex) => ({
    ...phase,
    steps: (plan.phases[phaseIndex]?.steps ?? []).map((step, index) =>
      unpack(newStep(step), phase.steps[index] ?? 0),
    ),
  }));
  return { ...packed, phases, wayBack: wayBackOf({ applied: packed.applied, phases }) };
}

function pack(step: StepView, keep: boolean): PackedStep {
  const {
    status,
    reason,
    attempts,
    undone,
    actionsDone,
    startedAt,
    endedAt,
    requirements,
    output,
    baselines,
    waited,
  } = step;
  if (status === 'pending' && attempts === 0) return 0;
  const packedReason = reason === USUAL[status] ? 0 : reason;
  const head = [
    STATUSES.indexOf(status),
    packedReason,
    attempts,
    undone,
    actionsDone,
    packTime(startedAt),
    packTime(endedAt),
  ] as const;
  const details = { requirements, output, baselines, ...(waited === undefined ? {} : { waited }) };
  return keep && hasDetails(step) ? [...head, details] : head;
}

function hasDetails({ requirements, output, baselines, waited }: StepView): boolean {
  return (
    waited !== undefined || requirements.length > 0 || output !== null || Object.keys(baselines).length > 0
  );
}

function unpack(step: StepView, packed: PackedStep): StepView {
  if (packed === 0) return step;
  const [place, packedReason, attempts, undone, actionsDone, startedAt, endedAt, details] = packed;
  const status = STATUSES[place] ?? 'pending';
  return {
    ...step,
    status,
    reason: packedReason === 0 ? (USUAL[status] ?? '') : packedReason,
    attempts,
    undone,
    actionsDone,
    startedAt: unpackTime(startedAt),
    endedAt: unpackTime(endedAt),
    ...details,
  };
}

function packTime(time: string | null): number | null {
  return time === null ? null : Date.parse(time);
}

function unpackTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
