/**
 * The plan: a strategy and its bindings compiled into exactly what a run executes.
 * JSON-plain on purpose: it crosses process borders and is hashed. It holds no secret, only references
 * such as `${env:CART_DB_URL}` that the activity in need of them resolves.
 */

import type { Action } from './plan/actions.js';
import type { PlannedBindings } from './plan/bindings.js';
import type { Constraint } from './plan/calendar.js';
import type { EscalationPath, NoticeRoute, PlannedReport } from './plan/notices.js';
import type { Delegation, Escalations } from './plan/people.js';
import type { Level, Requirement, Watch } from './plan/probes.js';

export type * from './plan/actions.js';
export type * from './plan/bindings.js';
export type * from './plan/calendar.js';
export type * from './plan/notices.js';
export type * from './plan/people.js';
export type * from './plan/probes.js';
export type * from './plan/reconciliation.js';
export type * from './plan/tables.js';
export type { MetricUnit } from './sentence/unit.js';

export type StepType =
  | 'code_deployment'
  | 'data_migration'
  | 'configuration'
  | 'infrastructure'
  | 'validation';

export type FailureResponse = 'block' | 'rollback' | 'manual_decision';

export interface Plan {
  readonly format: 1;
  /** SHA-256, in hex, of the canonical JSON of everything else in the plan. */
  readonly hash: string;
  readonly strategy: { readonly name: string; readonly version: string };
  readonly bindings: PlannedBindings;
  readonly authority: Authority;
  /** Who stands in for whom; absent without any. */
  readonly delegations?: readonly Delegation[];
  /** Who is reminded, and who is asked next; absent without any. */
  readonly escalation?: Escalations;
  /** The migration window and the business constraints. */
  readonly constraints: readonly Constraint[];
  readonly prerequisites: readonly PlannedPrerequisite[];
  /** In the order in which they run. */
  readonly phases: readonly PlannedPhase[];
  readonly completion: PlannedCompletion;
  /** What comes after the completion; absent without any. */
  readonly afterwards?: Afterwards;
  /** From the smallest to the largest; only those the strategy defines. */
  readonly levels: readonly PlannedLevel[];
  /** Who is told what, through which channels. */
  readonly notices: readonly NoticeRoute[];
  /** Absent without any. */
  readonly reports?: readonly PlannedReport[];
  /** Absent when the strategy names nobody, or not how soon they answer. */
  readonly incidentPath?: EscalationPath;
  /** What may go wrong, and what is done about it; absent without any. */
  readonly risks?: readonly PlannedRisk[];
  /** How long the service may be down; absent where no step takes it down and no health check sees it down. */
  readonly downtime?: { readonly limitMs: number | null };
  /** What no other run may touch meanwhile, in the order in which it is locked; absent without any. */
  readonly locks?: readonly string[];
  /** Shown, and decides nothing; absent without any. */
  readonly timeline?: Timeline;
  /** Where people look at metrics; absent without any. */
  readonly dashboards?: readonly PlannedDashboard[];
}

export interface PlannedDashboard {
  readonly name: string;
  readonly address: string | null;
  /** An http or https address, which may be linked. */
  readonly link: boolean;
  readonly metrics: readonly string[];
  readonly audience: readonly string[];
}

/** What is to be reached by when. */
export interface Timeline {
  readonly milestones: readonly Milestone[];
  /** The steps that decide how long the migration takes, in order. */
  readonly criticalPath: readonly CriticalStep[];
  /** Percent of the critical path that is planned as a buffer; null when the strategy does not say. */
  readonly bufferPercentage: number | null;
}

export interface Milestone {
  readonly id: string;
  readonly name: string;
  /** The instant in UTC at which its day is over, as `Date` writes it. */
  readonly due: string | null;
  /** The ids of the prerequisites, phases, steps and gates that it is reached with. */
  readonly parts: readonly string[];
}

export interface CriticalStep {
  readonly step: string;
  /** Null when its duration is not said, or not understood. */
  readonly durationMs: number | null;
}

/** Shown wherever a person decides about what it affects. */
export interface PlannedRisk {
  readonly id: string;
  /** What it is, how likely and how bad. */
  readonly text: string;
  /** How it is prevented, detected and answered, a line each. */
  readonly measures: readonly string[];
  /** The ids of the phases it affects, with all their steps. */
  readonly phases: readonly string[];
  /** The ids of the steps it affects beside those. */
  readonly steps: readonly string[];
}

/**
 * The roles whose holders may command a run: any one of them is enough, and an empty list lets anyone. `pause` is also
 * for resuming; `override` is for answering so at a window.
 */
export type Authority = Readonly<Record<'rollback' | 'abort' | 'pause' | 'override', readonly string[]>>;

export interface PlannedPrerequisite {
  readonly id: string;
  readonly name: string;
  readonly owner: string | null;
  /** An instant in UTC, as `Date` writes it. */
  readonly deadline: string | null;
  /** The strategy says `status: blocked`: no run of it begins. */
  readonly blocked: boolean;
  readonly requirements: readonly Requirement[];
}

export interface PlannedPhase {
  readonly id: string;
  readonly name: string;
  readonly startConditions: readonly Requirement[];
  /** In the order in which they run. */
  readonly steps: readonly PlannedStep[];
  readonly gate: PlannedGate | null;
  /** The gates within the phase, in the order in which they are passed; absent without any. */
  readonly gates?: readonly ValidationGate[];
  /** `can_rollback_from_here: false`: a rollback asks before it undoes a step of this phase. */
  readonly pointOfNoReturn: boolean;
  /** `rollback_point`: the way back from the end of this phase is one of its own; absent without any. */
  readonly rollbackPoint?: RollbackPoint;
  readonly whileAsked?: WhileAsked;
}

/** Watched while people are asked about it, such as the replication slots of a stream under way; absent without any. */
export type WhileAsked = Watch;

export interface RollbackPoint {
  /** The id of the test dataset that shows that the phase is taken back; null without any. */
  readonly test: string | null;
}

/** Something to carry out, whichever section of the strategy it is written in: a step or a rollback level. */
export interface Procedure {
  /** The role that does what only a person can do, confirms, and is asked when it fails. */
  readonly responsible: string | null;
  /** Must hold before the first action. */
  readonly conditions: readonly Requirement[];
  readonly actions: readonly Action[];
  /** Must hold after the last action. */
  readonly checks: readonly Requirement[];
  readonly undo: Undo;
  /** Milliseconds one action may take. */
  readonly timeoutMs: number;
  readonly retry: Retry;
  /** The windows of its items, within which alone it acts; absent without any. */
  readonly windows?: readonly Constraint[];
  /** `x-idempotent`: an action whose outcome is unknown may simply be run again. */
  readonly idempotent: boolean;
}

export interface PlannedStep extends Procedure {
  readonly id: string;
  readonly name: string;
  readonly type: StepType;
  /** The metrics measured before the first action, because a sentence of the step compares with their baseline. */
  readonly baselines: readonly string[];
  /** The metrics and conditions watched from the first action to the end of the soak. */
  readonly watch: Watch | null;
  /** Milliseconds the step must stay quiet before it counts as done. */
  readonly soakMs: number;
  /** The service is down from before its first action to its end: for how long the strategy plans it, or null. Absent where it stays up. */
  readonly downtime?: { readonly plannedMs: number | null };
  /** How long the strategy says that it takes, in its words; absent where it does not. */
  readonly estimate?: string;
  /** The items of other sections that it carries out after its own actions; absent without any. */
  readonly uses?: readonly UsedItem[];
  readonly whileAsked?: WhileAsked;
}

/** An item of another section, as reviewers are shown it. What it does is among the actions and checks of its step. */
export interface UsedItem {
  readonly id: string;
  /** What it is, such as "configuration change". */
  readonly kind: string;
  /** Every field that says something, as "field: value". */
  readonly texts: readonly string[];
}

export interface Retry {
  /** How often an action that failed is tried in all; 1 means never again. */
  readonly attempts: number;
  readonly delayMs: number;
}

/**
 * The way back of one procedure.
 * `nothing`: there is no effect to undo. `none`: there are effects and no undo of their own, so the level's actions
 * cover them or a person is asked. `impossible`: a point of no return (`can_rollback: false`).
 */
export type Undo =
  | { readonly kind: 'actions'; readonly actions: readonly Action[]; readonly checks: readonly Requirement[] }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'none' }
  | { readonly kind: 'impossible' };

export interface PlannedGate {
  readonly id: string;
  readonly name: string;
  readonly requirements: readonly Requirement[];
  readonly approval: Approval | null;
  readonly failureResponse: FailureResponse;
  readonly whileAsked?: WhileAsked;
}

/** An entry of `validation_strategy.validation_gates`. */
export interface ValidationGate extends PlannedGate {
  /** The id of the step of its phase after which it stands; null before the first. */
  readonly after: string | null;
  /** The role that answers where the gate has no approvers, and is asked first when it fails; null for anyone. */
  readonly responsible: string | null;
  /** What the strategy says about escalating its failure, and the role that is asked then, where it names one. */
  readonly escalation?: { readonly text: string; readonly role: string | null };
}

/** Every role listed must vote yes. */
export interface Approval {
  readonly approvers: readonly string[];
}

export interface PlannedCompletion {
  readonly requirements: readonly Requirement[];
  readonly approval: Approval | null;
  readonly whileAsked?: WhileAsked;
}

/**
 * A rollback level. Its actions cover the applied steps that have no undo of their own; its checks are evaluated after
 * the last undo. Its responsible role is the strategy's `decision_maker`.
 */
export interface PlannedLevel extends Procedure {
  readonly level: Level;
  readonly description: string;
  /** Each fires when its sentence holds. Those for a person are shown wherever a person decides. */
  readonly triggers: readonly Requirement[];
  readonly approvalRequired: boolean;
  /** Asked of a person in every rollback of this level, after the last undo. */
  readonly manualSteps: readonly string[];
}

/** What comes after the completion of a migration, while it is completed for its users. */
export interface Afterwards {
  /** Business criteria, cleanup tasks, the monitoring period, the retrospective, and notices that are sent later. */
  readonly followUps: readonly FollowUp[];
  /** What may be made better later, a line each: shown in the report. */
  readonly optimizations: readonly string[];
}

export type FollowUp = FollowUpTask | MonitoringPeriod | LaterNotice;

interface Told {
  readonly id: string;
  readonly name: string;
  /** When, in the words of the strategy. */
  readonly timing: string;
  /** A rollback does not take it back. */
  readonly irreversible: boolean;
}

/** Something to do or to judge at its time. It has no undo. */
export interface FollowUpTask extends Told, Procedure {
  readonly kind: 'criterion' | 'cleanup' | 'retrospective';
  readonly due: Due;
}

/** A time at which people are told of the completion; the routes that name its id say whom and what. */
export interface LaterNotice extends Told {
  readonly kind: 'notice';
  readonly due: Due;
}

/** `after`: milliseconds after the completion. `at`: an instant in UTC. `asked`: a person says when it is time. */
export type Due =
  | { readonly kind: 'after'; readonly ms: number }
  | { readonly kind: 'at'; readonly at: string }
  | { readonly kind: 'asked' };

/** Watched from the completion on. Its alerts notify; what a critical condition leads to is asked. */
export interface MonitoringPeriod extends Told {
  readonly kind: 'monitoring';
  /** Null until a person says that it is over. */
  readonly durationMs: number | null;
  /** `high`: the first sample that shows a condition counts. `normal`: as beside a step. */
  readonly sensitivity: 'high' | 'normal';
  readonly watch: Watch;
  /** What no machine watches, asked at the end of the period. */
  readonly asked: readonly Requirement[];
  /** Who answers: the first approver of the completion; null for anyone. */
  readonly responsible: string | null;
}
