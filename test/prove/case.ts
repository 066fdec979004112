/**
 * A case: a strategy in few words, with everything in it named. `files.ts` writes it down as a strategy that runs,
 * `model.ts` says what may be observed when it does. JSON-plain.
 */
import type { FailureResponse, Level } from '../../strategy/plan.js';
import type { OnFailure } from '../../strategy/run/view.js';

export const ROLES = ['Lead', 'Ops', 'VP'] as const;
export type Role = (typeof ROLES)[number];

/** `VP` is not bound: anyone who acts under that name holds it. `bob` holds two roles, and may vote for one of them. */
export const BOUND: Readonly<
  Partial<Record<Role, { readonly members: readonly string[]; readonly votes: number }>>
> = {
  Lead: { members: ['alice', 'bob', 'carol'], votes: 2 },
  Ops: { members: ['erin', 'dave', 'bob'], votes: 1 },
};

/** Who starts every run; approves nothing, since `forbidSelfApproval` is set. */
export const SUBMITTER = 'alice';

/** Who gives every command, and holds `Ops` alone. */
export const COMMANDER = 'erin';

/** What an action does besides its effect, the first `times` times. */
export interface Trouble {
  /** `early`: fails before it has an effect. `late`: fails after it. `hangs`: has its effect and never ends. */
  readonly how: 'early' | 'late' | 'hangs';
  readonly times: number;
}

export interface Act {
  /** As it stands in the ledger when it took effect, such as `STEP-1.do0`. */
  readonly name: string;
  readonly kind: 'command' | 'script' | 'sql' | 'sql-script' | 'manual';
  readonly trouble: Trouble | null;
  /** Raises the metric `trouble` the first so many times. */
  readonly raises: number;
}

export type Check =
  /** Evaluated by a command, which says `bad` the first `times` times. */
  | {
      readonly how: 'machine';
      readonly name: string;
      readonly via: 'prefix' | 'binding' | 'dataset';
      readonly bad: 'fail' | 'inconclusive';
      readonly times: number;
    }
  | { readonly how: 'sql'; readonly name: string; readonly verdict: 'pass' | 'fail' | 'inconclusive' }
  | { readonly how: 'state'; readonly fact: Fact }
  /** Holds while the metric `trouble` is low (as a trigger: while it is high, and a command may say so). */
  | { readonly how: 'metric'; readonly via: 'binding' | 'command' }
  | { readonly how: 'person'; readonly name: string };

export type Fact =
  | { readonly of: 'step' | 'phase' | 'gate' | 'prerequisite'; readonly id: string }
  | { readonly of: 'all-gates'; readonly id: '' };

export type Undo =
  | 'none'
  | 'impossible'
  | { readonly acts: readonly Act[]; readonly checks: readonly Check[] };

export interface StepCase {
  readonly id: string;
  /** Of the type `validation`, which has nothing to undo unless it says so. */
  readonly validating: boolean;
  readonly responsible: Role | null;
  readonly preconditions: readonly Check[];
  readonly acts: readonly Act[];
  readonly checks: readonly Check[];
  readonly undo: Undo;
  /** `trouble`: watches the metric that actions may raise. `nodata`: a metric that never has data. */
  readonly alerts: readonly ('trouble' | 'nodata' | 'calm')[];
  readonly soaks: boolean;
  /** Its commands and its undo are those of an item that it uses, which makes no difference to what may be observed. */
  readonly uses: boolean;
  /** Its plan is damaged after it was compiled, so that sluice's own code fails before the first action. */
  readonly broken: boolean;
  /** How often an action is tried in all. */
  readonly tries: number;
}

export interface GateCase {
  readonly id: string;
  readonly checks: readonly Check[];
  readonly approvers: readonly Role[];
  readonly response: FailureResponse;
}

/** A validation gate within a phase. */
export interface PlacedGateCase {
  readonly id: string;
  /** The step behind which it stands; null before the first of its phase. */
  readonly after: string | null;
  readonly type: 'automated' | 'manual' | 'hybrid';
  readonly checks: readonly Check[];
  readonly response: 'block' | 'rollback' | 'manual_review';
  readonly escalation: Role | null;
}

/**
 * Continuous validation, beside every step: `metric`, `command` and `alert` notice that the metric `trouble` is high,
 * `calm` never fires, and `person` is asked at the completion.
 */
export type Continuous = 'metric' | 'command' | 'alert' | 'calm' | 'person';

export interface PhaseCase {
  readonly id: string;
  readonly start: readonly Check[];
  /** `can_rollback_from_here: false` */
  readonly pointOfNoReturn: boolean;
  readonly steps: readonly StepCase[];
  readonly gate: GateCase | null;
  readonly gates: readonly PlacedGateCase[];
}

export interface LevelCase {
  readonly level: Level;
  readonly maker: Role | null;
  readonly approval: boolean;
  readonly acts: readonly Act[];
  readonly manual: boolean;
  readonly checks: readonly Check[];
  /** Each fires when it holds. */
  readonly triggers: readonly Check[];
}

export interface Case {
  /** Seeds what people do. */
  readonly actor: number;
  readonly onFailure: OnFailure;
  readonly prerequisites: readonly {
    readonly id: string;
    readonly owner: Role | null;
    readonly status: 'pending' | 'verified' | 'blocked';
    readonly check: Check;
  }[];
  /** A sentence about time that only a person can judge. */
  readonly constrained: boolean;
  readonly phases: readonly PhaseCase[];
  readonly continuous: readonly Continuous[];
  readonly completion: { readonly checks: readonly Check[]; readonly approvers: readonly Role[] };
  readonly levels: readonly LevelCase[];
  /** Who may abort and roll back; null leaves it to the roles of the strategy. */
  readonly authority: readonly Role[] | null;
}

/** The roles whose holders may abort and roll back; none when anyone may. */
export function authorityIn(given: Case): readonly Role[] {
  const named = [
    ...given.prerequisites.map(({ owner }) => owner),
    ...given.phases.flatMap(({ steps, gate, gates }) => [
      ...steps.map(({ responsible }) => responsible),
      ...(gate?.approvers ?? []),
      ...gates.map(({ escalation }) => escalation),
    ]),
    ...given.completion.approvers,
    ...given.levels.map(({ maker }) => maker),
  ];
  return given.authority ?? named.filter((role) => role !== null);
}

/** Who answers for a validation gate: after the last step whoever approves the phase, else whoever is responsible for the step. */
export function approversOf({ steps, gate }: PhaseCase, { after }: PlacedGateCase): readonly Role[] {
  const approvers = gate?.approvers ?? [];
  const responsible = steps.find(({ id }) => id === after)?.responsible ?? null;
  const last = after === steps.at(-1)?.id;
  return responsible === null || (last && approvers.length > 0) ? approvers : [responsible];
}

/** True when some action raises the metric, so that every step lowers it before it begins. */
export function raises(given: Case): boolean {
  return given.phases.some(({ steps }) => steps.some(({ acts }) => acts.some((act) => act.raises > 0)));
}

export function everyAct(given: Case): readonly Act[] {
  const steps = given.phases.flatMap((phase) => phase.steps);
  return [
    ...steps.flatMap(({ acts, undo }) => (typeof undo === 'string' ? acts : [...acts, ...undo.acts])),
    ...given.levels.flatMap(({ acts }) => acts),
  ];
}
