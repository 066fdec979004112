/**
 * The view: the state of a run, computed from its events by `applyEvent` and nowhere else.
 * The command line, the dashboard, the queries and the report all draw this one object. JSON-plain.
 */
import type { Level, PlannedDashboard, PlannedRisk, StepType, Timeline } from '../plan.js';
import type { AfterwardsStatus, AfterwardsView } from './afterwards-view.js';
import type { Decision, Option, Vote } from './decision.js';
import type { DowntimeView } from './downtime-view.js';
import type { LockWait } from './lock.js';
import type { UndoKind } from './outline.js';
import type { StepProgress, StepSample } from './progress.js';
import type { RequirementView } from './requirement.js';
import type { DeafChannel, IncidentView, ReportView } from './told-view.js';

export type { AfterwardsView, FollowUpStatus, FollowUpView } from './afterwards-view.js';
export type { RequirementView, Verdict } from './requirement.js';

export const RUN_STATUSES = [
  'running',
  'waiting',
  'paused',
  'rolling_back',
  'completed',
  'rolled_back',
  'failed',
  'aborted',
] as const;

export type RunStatus = (typeof RUN_STATUSES)[number];

/** The statuses that a run keeps. A completed run may still be watched: see `isOver`. */
export const ENDED: readonly RunStatus[] = ['completed', 'rolled_back', 'failed', 'aborted'];

/** True when nothing happens in the run any more: it has ended, and nothing that comes afterwards is open. */
export function isOver({ status, afterwards }: Pick<MigrationView, 'status' | 'afterwards'>): boolean {
  return ENDED.includes(status) && !OPEN.has(afterwards?.status ?? 'over');
}

/** True when the migration is completed for its users, and what comes afterwards is not. */
export function isWatched({ afterwards }: Pick<MigrationView, 'afterwards'>): boolean {
  return OPEN.has(afterwards?.status ?? 'over');
}

const OPEN: ReadonlySet<AfterwardsStatus> = new Set(['beginning', 'open']);

export type PhaseStatus = 'pending' | 'waiting' | 'running' | 'completed' | 'failed' | 'rolled_back';

export type StepStatus =
  | 'pending'
  | 'waiting'
  | 'running'
  | 'validating'
  | 'soaking'
  | 'completed'
  | 'skipped'
  | 'failed'
  | 'rolling_back'
  | 'rolled_back'
  | 'rollback_failed';

export type GateStatus = 'pending' | 'evaluating' | 'waiting' | 'passed' | 'failed';

export type PrerequisiteStatus = 'pending' | 'evaluating' | 'waiting' | 'verified' | 'skipped' | 'blocked';

export interface MigrationView {
  readonly run: string;
  readonly status: RunStatus;
  /** One line: what the run waits for or did, and what to do next. */
  readonly reason: string;
  readonly strategy: { readonly name: string; readonly version: string; readonly hash: string };
  readonly submittedBy: string;
  /** By how much every soak, interval, deadline and delay is divided; 1 outside of trials. */
  readonly compress: number;
  readonly onFailure: OnFailure;
  readonly startedAt: string;
  /** When the migration was completed, or ended otherwise. */
  readonly endedAt: string | null;
  /** Where the last rollback stopped: `start`, or the id of the phase or step that stands last. */
  readonly landing: string | null;
  readonly prerequisites: readonly PrerequisiteView[];
  readonly phases: readonly PhaseView[];
  readonly completion: CompletionView;
  /** What comes after the completion; absent without any. */
  readonly afterwards?: AfterwardsView;
  /** The rollback under way, or null. */
  readonly rollback: RollbackView | null;
  /** How long steps had the service down; absent where none took it down. */
  readonly downtime?: DowntimeView;
  /** Who paused the run; null when it is not paused. */
  readonly pausedBy: string | null;
  /** The limits that people set for rows, while they are in force; absent before the first. */
  readonly throttles?: readonly ThrottleView[];
  /** What is to be reached by when; absent when the strategy does not say. */
  readonly timeline?: Timeline;
  /** Where people look at metrics; absent without any. */
  readonly dashboards?: readonly PlannedDashboard[];
  /** What the strategy says may go wrong, and where; absent where it says nothing. */
  readonly risks?: readonly PlannedRisk[];
  /** The lock that the run waits for; absent when it waits for none. */
  readonly lockWait?: LockWait;
  /** The host whose worker runs the commands and holds their output; null until the first. */
  readonly host: string | null;
  /** The steps whose effects stand, oldest first. */
  readonly applied: readonly string[];
  readonly decisions: readonly Decision[];
  /** How far the activities under way have got; empty in the workflow itself, filled in by the client. */
  readonly progress: readonly StepProgress[];
  /** The latest samples of what is watched, oldest first; empty in the workflow itself, filled in by the client. */
  readonly samples: readonly StepSample[];
  /** How many events the record holds so far: the `seq` of the next one. */
  readonly seq: number;
  /** When the latest event happened. */
  readonly asOf: string;
  /** ISO 8601: when time alone lets the run continue (a soak ends, a window opens); null when something else must happen. */
  readonly waitingUntil: string | null;
  /** Milliseconds up to `asOf` in which the run worked, or waited for people (decisions and pauses). */
  readonly worked: number;
  readonly waited: number;
  /** What a rollback to the start would undo from here, in that order. A summary has the next ones and every point of no return. */
  readonly wayBack: readonly WayBackStep[];
  /** What people decided against what the machine saw, the latest 100; absent where nobody did. */
  readonly overrides?: readonly Override[];
  /** The latest status report of each kind; absent before the first. */
  readonly reports?: readonly ReportView[];
  /** What somebody on the escalation path is asked about; absent without any. */
  readonly incidents?: readonly IncidentView[];
  /** The channels that did not take notices; absent where all did. */
  readonly deafChannels?: readonly DeafChannel[];
}

export interface Override {
  readonly decision: string;
  /** The step, gate or prerequisite that was decided on. */
  readonly subject: string;
  readonly option: Option;
  readonly by: readonly string[];
  readonly reason: string | null;
  readonly at: string;
}

export interface WayBackStep {
  readonly step: string;
  readonly undo: UndoKind;
  /** A point of no return: a person has to answer for it. */
  readonly irreversible: boolean;
}

/** `strategy`: as the file says. `full`: every failure takes everything back without asking. */
export type OnFailure = 'strategy' | 'full';

export interface PrerequisiteView {
  readonly id: string;
  readonly name: string;
  readonly status: PrerequisiteStatus;
  readonly reason: string;
  readonly requirements: readonly RequirementView[];
}

export interface PhaseView {
  readonly id: string;
  readonly name: string;
  readonly status: PhaseStatus;
  readonly reason: string;
  /** The start conditions. */
  readonly requirements: readonly RequirementView[];
  readonly steps: readonly StepView[];
  /** The steps that a summary leaves out of `steps`; null when all are there. */
  readonly omitted: { readonly steps: number; readonly done: number } | null;
  readonly gate: GateView | null;
  /** The gates within the phase, in the order in which they are passed; absent without any. */
  readonly gates?: readonly PlacedGateView[];
}

/** Values of metrics by their bound name; null for one that had no data when it was measured. */
export type Baselines = Readonly<Record<string, number | null>>;

/** A limit that somebody set while a step copied or changed rows. */
export interface ThrottleView {
  readonly step: string;
  readonly ratePerSecond: number;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface StepView {
  readonly id: string;
  readonly name: string;
  readonly type: StepType;
  readonly undo: UndoKind;
  readonly status: StepStatus;
  readonly reason: string;
  /** How often the step was started. */
  readonly attempts: number;
  /** How often the step was undone, or begun anew after its undo was given up: part of the key that makes each of its effects happen once. */
  readonly undone: number;
  /** How many of its actions are done since it was last undone; a retry continues after them. */
  readonly actionsDone: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** What metrics were before the first action, by name, as far as a sentence compares with them. */
  readonly baselines: Baselines;
  readonly requirements: readonly RequirementView[];
  /** The end of what its latest action printed; null before the first. */
  readonly output: string | null;
  /** How long the strategy says that it takes, in its words; absent where it does not. */
  readonly estimate?: string;
  /** Milliseconds up to `asOf` in which it waited for people; absent where it did not. */
  readonly waited?: number;
}

export interface GateView {
  readonly id: string;
  readonly name: string;
  readonly status: GateStatus;
  /** When it was evaluated; absent before. */
  readonly startedAt?: string;
  /** When it passed or failed; null while it is evaluated again, absent before. */
  readonly endedAt?: string | null;
  /** Milliseconds up to `asOf` in which it waited for people; absent where it did not. */
  readonly waited?: number;
  readonly reason: string;
  readonly requirements: readonly RequirementView[];
  readonly votes: readonly Vote[];
}

/** A gate within a phase. */
export interface PlacedGateView extends GateView {
  /** The id of the step after which it stands; null before the first. */
  readonly after: string | null;
}

export interface CompletionView {
  readonly status: GateStatus;
  readonly reason: string;
  readonly requirements: readonly RequirementView[];
  readonly votes: readonly Vote[];
}

export interface RollbackView {
  /** 1 for the first rollback of the run. */
  readonly number: number;
  readonly level: Level;
  /** Where it is to stop: `start`, or the id of the phase or step that stays with all before it. */
  readonly landing: string;
  readonly cause: string;
  /** Who chose how far it goes; null when the strategy or `--on-failure full` did. */
  readonly by: string | null;
}
