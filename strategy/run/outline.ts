/** What a view is drawn from: the ids and names of a plan, and the kind of undo of each step. Part of the record. */
import type {
  Afterwards,
  FollowUp,
  PlannedDashboard,
  PlannedRisk,
  StepType,
  Timeline,
  Undo,
} from '../plan.js';

export type UndoKind = Undo['kind'];

export interface StepOutline {
  readonly id: string;
  readonly name: string;
  readonly type: StepType;
  readonly undo: { readonly kind: UndoKind };
  readonly estimate?: string;
}

export interface Outline {
  readonly strategy: { readonly name: string; readonly version: string };
  readonly prerequisites: readonly Named[];
  readonly phases: readonly (Named & {
    readonly steps: readonly StepOutline[];
    readonly gate: Named | null;
    readonly gates?: readonly PlacedGate[];
  })[];
  readonly timeline?: Timeline;
  readonly dashboards?: readonly PlannedDashboard[];
  readonly risks?: readonly PlannedRisk[];
  readonly afterwards?: Pick<Afterwards, 'optimizations'> & {
    readonly followUps: readonly FollowUpOutline[];
  };
}

/** A gate within a phase. */
export interface PlacedGate extends Named {
  /** The id of the step after which it stands; null before the first. */
  readonly after: string | null;
}

/** What the view tells of a follow-up before anything happens. */
export type FollowUpOutline = Pick<FollowUp, 'kind' | 'id' | 'name' | 'timing' | 'irreversible'>;

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Only the outline of what may be a whole plan. */
export function outlineOf(plan: Outline): Outline {
  const { name, version } = plan.strategy;
  return {
    strategy: { name, version },
    prerequisites: plan.prerequisites.map(named),
    phases: plan.phases.map((phase) => ({
      ...named(phase),
      steps: phase.steps.map(outlineOfStep),
      gate: phase.gate === null ? null : named(phase.gate),
      ...(phase.gates === undefined
        ? {}
        : { gates: phase.gates.map((gate) => ({ ...named(gate), after: gate.after })) }),
    })),
    ...(plan.timeline === undefined ? {} : { timeline: plan.timeline }),
    ...(plan.dashboards === undefined ? {} : { dashboards: plan.dashboards }),
    ...(plan.risks === undefined ? {} : { risks: plan.risks }),
    ...(plan.afterwards === undefined
      ? {}
      : {
          afterwards: {
            followUps: plan.afterwards.followUps.map(outlineOfFollowUp),
            optimizations: plan.afterwards.optimizations,
          },
        }),
  };
}

function outlineOfFollowUp({ kind, id, name, timing, irreversible }: FollowUpOutline): FollowUpOutline {
  return { kind, id, name, timing, irreversible };
}

/** What a plan's head keeps of a step. */
export function outlineOfStep({ id, name, type, undo, estimate }: StepOutline): StepOutline {
  return { id, name, type, undo: { kind: undo.kind }, ...(estimate === undefined ? {} : { estimate }) };
}

function named({ id, name }: Named): Named {
  return { id, name };
}
