/** The names and arguments of everything that can be said to a run: input, updates, signals, queries. */

import type { Plan } from '../plan.js';
import type { Carried } from '../watch/state.js';
import type { Ballot, Expiring, Signable } from './ballot.js';
import type { Pins } from './database.js';
import type { Decision } from './decision.js';
import type { EncodedPlan } from './encoded-plan.js';
import type { PlanAmended, RunEvent } from './event.js';
import type { Dispatch } from './notice.js';
import type { MigrationView, OnFailure } from './view.js';
import type { PackedView } from './view-codec.js';

export { type EncodedPlan, INLINE_LIMIT, type PlanHead } from './encoded-plan.js';

/** The Temporal workflow type. The workflow id is the run's id. */
export const WORKFLOW = 'migration';

export const UPDATES = { decide: 'decide', command: 'command' } as const;
export const SIGNALS = {
  approve: 'approve',
  reject: 'reject',
  decide: 'decide',
  pause: 'pause',
  resume: 'resume',
  abort: 'abort',
  rollback: 'rollback',
  claim: 'claim',
  takeOver: 'take-over',
  release: 'release',
} as const;
export const QUERIES = {
  view: 'view',
  decisions: 'decisions',
  events: 'events',
  steps: 'steps',
  plan: 'plan',
} as const;

/** The error type of a refused vote or command. */
export const REFUSED = 'Refused';
/** The error type of a vote or command that came after its `validUntil`. */
export const EXPIRED = 'Expired';

/** The error type of a notice that a channel will never take. */
export const NOTICE_REFUSED = 'NoticeRefused';

/** The argument of the `migration` workflow. */
export interface RunInput {
  readonly plan: EncodedPlan;
  readonly workspace: string;
  readonly by: string;
  readonly onFailure: OnFailure;
  readonly compress: number;
  /** What an earlier Temporal run of the same id hands over; null at the start. */
  readonly continued: ContinuedState | null;
}

/** Everything of a run that is not in its plan. */
export interface ContinuedState {
  readonly view: PackedView;
  /** The task queue of the host that runs the commands; null until the first. */
  readonly hostQueue: string | null;
  /** How often each decision was asked. */
  readonly asked: Readonly<Record<string, number>>;
  /** How often each action was attempted, by effect. */
  readonly attempts: Readonly<Record<string, number>>;
  /** What a person cleared for the rest of the run; `window` in runs whose override was made by an earlier build. */
  readonly cleared: { readonly constraints: boolean; readonly window: boolean };
  /** The windows and freezes that a person overrode, until when (milliseconds since 1970); absent without any. */
  readonly overridden?: Readonly<Record<string, number>>;
  readonly rollbacks: number;
  /** How many messages were refused on the record. */
  readonly refusals: number;
  /** What people answered about the conditions of the monitoring period; absent without an answer. */
  readonly answered?: { readonly known: readonly string[]; readonly vouched: readonly number[] };
  /** The watched conditions that were not quiet when the history was cut. */
  readonly watched: Carried;
  /** The databases that connections led to at their first use; absent where an earlier build cut the history. */
  readonly pins?: Pins;
  /** The amendment with which this Temporal run begins; absent in every other. */
  readonly amendment?: PlanAmended;
  /** The hash over every event so far; absent where no notices carry it. */
  readonly head?: string;
  /** The notices under way, oldest first; absent without any. */
  readonly undelivered?: readonly Dispatch[];
  /** The locks that the run holds; absent without any. A history is cut only after all of them are taken. */
  readonly locks?: readonly string[];
  /** The ids of the signatures that were used and have not expired, with their expiry; absent without any. */
  readonly signatures?: Readonly<Record<string, number>>;
}

/** The result of the `migration` workflow. */
export interface RunResult {
  /** Without the steps when there are very many of them; the record and the query `steps` have those. */
  readonly view: MigrationView;
  /** The record file, on the host that wrote it; null when it could not be written. */
  readonly record: string | null;
}

/** The update `command`: what a person with authority may say at any time. */
export type Command = Expiring &
  Signable &
  Pick<Ballot, 'by' | 'reason' | 'groups'> &
  (
    | { readonly command: 'pause' }
    | { readonly command: 'resume' }
    | { readonly command: 'abort' }
    /** `to`: a phase or step that stays, with all before it; or `start`. */
    | { readonly command: 'rollback'; readonly to: string }
    /** Say who is on a decision. `take-over` also where somebody else is. */
    | { readonly command: 'claim' | 'take-over' | 'release'; readonly decision: string }
    /** Limit the rows per second of a step that copies or changes rows now; null returns to the limit of the strategy. */
    | { readonly command: 'throttle'; readonly step: string; readonly ratePerSecond: number | null }
    /** Continue with another plan, which travels whole. */
    | { readonly command: 'amend'; readonly plan: Plan }
  );

export type ThrottleCommand = Extract<Command, { command: 'throttle' }>;

export type AmendCommand = Extract<Command, { command: 'amend' }>;

export type RollbackCommand = Extract<Command, { command: 'rollback' }>;

/** The signals `approve` and `reject`. `gate` is a gate's id, `completion`, or a decision's id. */
export interface GateVote extends Signable {
  readonly gate: string;
  readonly by: string;
  readonly role?: string | undefined;
  readonly reason?: string | undefined;
}

/** The signals `pause`, `resume` and `abort`. */
export interface SignalCommand extends Signable {
  readonly by: string;
  readonly reason?: string | undefined;
}

/** The signals `claim`, `take-over` and `release`. */
export interface SignalClaim extends SignalCommand {
  readonly decision: string;
}

/** The signal `rollback`. */
export interface SignalRollback extends SignalCommand {
  readonly to?: string | undefined;
}

/** The argument of the query `steps`: one page of a phase's steps, which a large view leaves out. */
export interface StepsQuery {
  readonly phase: string;
  readonly from: number;
}

/** The argument of the query `events`. */
export interface EventsQuery {
  /** The first `seq` wanted; events before the latest continue-as-new are in the earlier Temporal runs. */
  readonly from: number;
  readonly limit?: number | undefined;
}

export interface EventsPage {
  readonly events: readonly RunEvent[];
  /** The `seq` of the oldest event this Temporal run still holds. */
  readonly oldest: number;
  /** How many events the whole record holds. */
  readonly total: number;
  readonly ended: boolean;
}

export type DecisionsAnswer = readonly Decision[];
