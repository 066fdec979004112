/**
 * The record: the append-only list of what happened in a run. JSON-plain.
 * Everything a person may later ask about is here; the view is computed from it.
 */
import type { Level } from '../plan.js';
import type { Comparison } from '../reconcile/settle.js';
import type { Decision, Option, Vote } from './decision.js';
import type { LockWait } from './lock.js';
import type { Outline } from './outline.js';
import type { Figure } from './told-view.js';
import type {
  Baselines,
  FollowUpStatus,
  GateStatus,
  OnFailure,
  PhaseStatus,
  PrerequisiteStatus,
  RequirementView,
  RunStatus,
  StepStatus,
} from './view.js';

/** An event with its place in the record and the time on the engine's clock (ISO 8601). */
export type RunEvent = { readonly seq: number; readonly at: string } & EventBody;

/** What a set of requirements belongs to. */
export type Subject =
  | { readonly kind: 'prerequisite'; readonly id: string }
  | { readonly kind: 'phase'; readonly id: string }
  | { readonly kind: 'step'; readonly id: string; readonly phase: string }
  | { readonly kind: 'gate'; readonly id: string; readonly phase: string }
  | { readonly kind: 'completion'; readonly id: 'completion' }
  | { readonly kind: 'follow-up'; readonly id: string }
  | { readonly kind: 'rollback'; readonly id: Level };

export type Purpose = 'apply' | 'undo';

/** The message itself as its sender signed it, a compact JWS, so that the record proves who said it. */
export interface Signed {
  readonly signed?: string;
}

export type EventBody =
  | {
      readonly type: 'run-started';
      /** Who submitted the run. */
      readonly by: string;
      /** The plan's hash. */
      readonly plan: string;
      readonly steps: number;
      readonly onFailure: OnFailure;
      /** By how much every soak, interval, deadline and delay is divided. */
      readonly compress: number;
      /** With it the record alone is enough to draw the run. */
      readonly outline: Outline;
    }
  | {
      readonly type: 'run-status';
      readonly status: RunStatus;
      readonly reason: string;
      /** ISO 8601, where time alone ends this status. */
      readonly until?: string;
    }
  | {
      readonly type: 'prerequisite-status';
      readonly id: string;
      readonly status: PrerequisiteStatus;
      readonly reason: string;
    }
  | {
      readonly type: 'phase-status';
      readonly phase: string;
      readonly status: PhaseStatus;
      readonly reason: string;
    }
  | {
      readonly type: 'step-status';
      readonly phase: string;
      readonly step: string;
      readonly status: StepStatus;
      readonly reason: string;
      /** ISO 8601, where time alone ends this status: the end of a soak. */
      readonly until?: string;
    }
  /** A new attempt at the step begins. */
  | { readonly type: 'step-started'; readonly phase: string; readonly step: string; readonly attempt: number }
  /** Measured before the step's first action; null for a metric without data. */
  | {
      readonly type: 'baselines-measured';
      readonly phase: string;
      readonly step: string;
      readonly values: Baselines;
    }
  /** The step's undo stands ready; from here on its effects may be in the world. */
  | { readonly type: 'undo-registered'; readonly phase: string; readonly step: string }
  | {
      readonly type: 'action-finished';
      readonly phase: string | null;
      /** The step, or the rollback level whose script this was. */
      readonly step: string;
      readonly purpose: Purpose;
      /** Place among the actions of the step. */
      readonly index: number;
      readonly what: string;
      readonly outcome: 'done' | 'failed' | 'unknown';
      readonly cause: string | null;
      readonly exitCode: number | null;
      readonly durationMs: number;
      readonly output: string;
    }
  /** Both sides of a data migration were compared by a step that may correct them, after its corrections. */
  | ({ readonly type: 'reconciled'; readonly phase: string | null; readonly step: string } & Comparison)
  | {
      readonly type: 'requirements-evaluated';
      readonly subject: Subject;
      readonly results: readonly RequirementView[];
    }
  | {
      readonly type: 'gate-status';
      readonly phase: string;
      readonly gate: string;
      readonly status: GateStatus;
      readonly reason: string;
    }
  | { readonly type: 'completion-status'; readonly status: GateStatus; readonly reason: string }
  /** Every phase is done and the completion holds; what comes afterwards begins once the locks are given back. */
  | { readonly type: 'migration-completed'; readonly reason: string }
  /** The locks are free, and what comes afterwards takes its course. */
  | { readonly type: 'afterwards-begun' }
  | {
      readonly type: 'follow-up-status';
      readonly id: string;
      readonly status: FollowUpStatus;
      readonly reason: string;
      /** ISO 8601; absent where it stays as it was. */
      readonly due?: string | null;
    }
  /** The step takes the service down from here on. Milliseconds; null where the strategy does not say. */
  | {
      readonly type: 'downtime-begun';
      readonly step: string;
      readonly plannedMs: number | null;
      /** Of the whole run. */
      readonly limitMs: number | null;
    }
  /** The downtime is near its limit, or lasts longer than planned for its step (milliseconds). */
  | {
      readonly type: 'downtime-warned';
      readonly why: 'near-limit' | 'longer-than-planned';
      readonly step: string;
      readonly limitMs: number;
    }
  /** The downtime of the run is longer than the strategy allows. */
  | { readonly type: 'downtime-exceeded'; readonly step: string; readonly limitMs: number }
  /** A completed migration is taken back. */
  | { readonly type: 'reopened'; readonly by: string; readonly reason: string }
  /** A watched condition fired. */
  | {
      readonly type: 'alert';
      readonly step: string;
      readonly text: string;
      readonly evidence: string;
      /** The step stops for it; absent when the run goes on. */
      readonly stops?: true;
      /** The service counts as down from here on, with what the strategy allows of that; absent where it says nothing of it. */
      readonly down?: { readonly limitMs: number | null };
    }
  /** A condition that only notifies no longer holds. */
  | {
      readonly type: 'alert-recovered';
      readonly step: string;
      readonly text: string;
      readonly evidence: string;
    }
  | { readonly type: 'decision-opened'; readonly decision: Decision }
  | ({ readonly type: 'vote-cast'; readonly decision: string; readonly vote: Vote } & Signed)
  /** A message that changed nothing, and why. */
  | { readonly type: 'message-refused'; readonly message: string; readonly by: string; readonly why: string }
  | { readonly type: 'decision-overdue'; readonly decision: string; readonly deadline: string }
  /** The role has not answered yet, and is asked once more. */
  | {
      readonly type: 'decision-reminded';
      readonly decision: string;
      readonly role: string;
      /** How often it was reminded, this time included. */
      readonly times: number;
    }
  /** The role did not answer in time: from here on `to` is asked as well. Nothing is answered by that. */
  | {
      readonly type: 'decision-escalated';
      readonly decision: string;
      /** The role of the need. */
      readonly role: string;
      readonly to: string;
      /** Who holds `to`, where the bindings say so. */
      readonly members?: readonly string[];
    }
  /** Somebody is on it; `from`: in whose place. */
  | ({
      readonly type: 'decision-claimed';
      readonly decision: string;
      readonly by: string;
      readonly from: string | null;
      readonly reason: string | null;
    } & Signed)
  | ({
      readonly type: 'decision-released';
      readonly decision: string;
      readonly by: string;
      readonly reason: string | null;
    } & Signed)
  | {
      readonly type: 'decision-closed';
      readonly decision: string;
      readonly option: Option | null;
      readonly reason: string;
    }
  | ({ readonly type: 'paused'; readonly by: string; readonly reason: string | null } & Signed)
  | ({ readonly type: 'resumed'; readonly by: string; readonly reason: string | null } & Signed)
  | ({
      readonly type: 'command-accepted';
      readonly command: 'abort' | 'rollback';
      readonly by: string;
      readonly to: string | null;
      readonly reason: string | null;
    } & Signed)
  /** The rows of a step are limited from its next batch on; null: as the strategy says. */
  | ({
      readonly type: 'throttled';
      readonly step: string;
      readonly ratePerSecond: number | null;
      readonly by: string;
      readonly reason: string | null;
    } & Signed)
  | {
      readonly type: 'rollback-started';
      readonly number: number;
      readonly level: Level;
      readonly landing: string;
      readonly cause: string;
      readonly by: string | null;
    }
  /** Commands run on this host from here on. */
  | { readonly type: 'host-chosen'; readonly host: string }
  /** The host has taken nothing for a minute, but says that it is there; what was called waits for it. */
  | { readonly type: 'host-busy'; readonly host: string }
  /** The step's effects are gone, or a person answered for them. */
  | { readonly type: 'step-undone'; readonly phase: string; readonly step: string; readonly reason: string }
  | { readonly type: 'undo-failed'; readonly phase: string; readonly step: string; readonly reason: string }
  | {
      readonly type: 'rollback-finished';
      readonly landing: string;
      readonly reason: string;
      /** That of its `rollback-started`; absent in records of earlier versions. */
      readonly number?: number;
    }
  /** The phases and steps after the landing will run again. */
  | { readonly type: 'returned'; readonly landing: string; readonly by: string }
  /** A notice that a channel did not take. The run goes on. */
  | {
      readonly type: 'notice-failed';
      readonly channel: string;
      readonly notice: string;
      readonly why: string;
    }
  /** The record could not be kept in its archive; it is complete on the host, and the next attempt writes all of it. */
  | { readonly type: 'archive-failed'; readonly archive: string; readonly why: string }
  /** How far the run is, as it is reported again and again. */
  | {
      readonly type: 'status-report';
      readonly report: string;
      readonly number: number;
      readonly figures: readonly Figure[];
      /** ISO 8601: when the next one is due; null when it waits for something else than time. */
      readonly next: string | null;
    }
  /** Somebody on the escalation path is asked about an incident, because it opened or those before did not answer in time. */
  | {
      readonly type: 'incident-assigned';
      readonly incident: string;
      /** The open decision that it is about; null without one. */
      readonly decision: string | null;
      readonly text: string;
      /** Null when everybody was asked in vain. */
      readonly to: string | null;
      /** Who holds `to`, where it is a role and the bindings say so. */
      readonly members?: readonly string[];
      /** ISO 8601: when it is passed on; null when there is nobody left. */
      readonly until: string | null;
      readonly passedOver: readonly string[];
    }
  /** Somebody wants the run to continue with another plan. `from` and `to` are hashes of plans. */
  | ({
      readonly type: 'amendment-requested';
      readonly by: string;
      readonly reason: string | null;
      readonly from: string;
      readonly to: string;
      /** What differs, one entry per part. */
      readonly changes: readonly string[];
    } & Signed)
  /** From here on the run executes another plan; votes on the earlier one count no more. */
  | {
      readonly type: 'plan-amended';
      readonly by: string;
      readonly from: string;
      readonly to: string;
      readonly changes: readonly string[];
      readonly outline: Outline;
    }
  /** Another run holds a lock that this one needs. */
  | ({ readonly type: 'lock-awaited' } & LockWait)
  /** This run holds its locks until it ends. */
  | { readonly type: 'locks-taken'; readonly locks: readonly string[] }
  /** The run continued as new: a new Temporal run with the same id. */
  | { readonly type: 'continued' }
  | {
      readonly type: 'run-ended';
      readonly status: RunStatus;
      readonly landing: string | null;
      readonly reason: string;
    };

export type EventType = EventBody['type'];

export type PlanAmended = Extract<EventBody, { type: 'plan-amended' }>;

/** The first event of every record. */
export type RunStarted = Extract<RunEvent, { type: 'run-started' }>;
