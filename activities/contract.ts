/**
 * What the workflows and the activities say to each other. Types only: everything here crosses Temporal as JSON.
 */

import type { Losses } from '../strategy/backup/losses.js';
import type { WindowState } from '../strategy/calendar/state.js';
import type { MachineAction } from '../strategy/kinds/effects/index.js';
import type {
  ArchiveTarget,
  ChannelSource,
  Freeze,
  MachineProbe,
  PlannedPhase,
  PublicKey,
  Watch,
  Window,
} from '../strategy/plan.js';
import type { Comparison, RowsToSettle } from '../strategy/reconcile/settle.js';
import type { DatabaseIdentity, Pins } from '../strategy/run/database.js';
import type { Purpose, RunEvent } from '../strategy/run/event.js';
import type { JobBindings } from '../strategy/run/job-bindings.js';
import type { Claim } from '../strategy/run/lock.js';
import type { Notice } from '../strategy/run/notice.js';

import type { Baselines, RequirementView } from '../strategy/run/view.js';
import type { WatchState } from '../strategy/watch/state.js';

export type { WindowState };

/** Where and with what an effect or probe runs. Secrets are references, resolved by the activity. */
export interface RunContext {
  readonly run: string;
  /** The first Temporal run id of this run: when an id is used again after its history is gone, no old effect is met. */
  readonly execution: string;
  /** The folder of the strategy on the host that runs commands. */
  readonly workspace: string;
  /** What the job needs of the bindings. */
  readonly bindings: JobBindings;
  /** The databases that its connections must lead to; those of a connection that is used for the first time are not known. */
  readonly pins: Pins;
}

/**
 * What makes an effect one and the same however often it is attempted. `incarnation` counts how often the step was
 * undone: the same step applied again after an undo is another effect. `attempt` counts deliberate repeats, after a known
 * failure or after somebody said that an effect of unknown outcome did not happen.
 */
export interface EffectKey {
  readonly subject: string;
  readonly purpose: Purpose;
  readonly incarnation: number;
  readonly index: number;
  readonly attempt: number;
}

/** One action to carry out exactly once, of whatever kind. */
export interface EffectJob<A extends MachineAction = MachineAction> {
  readonly context: RunContext;
  readonly key: EffectKey;
  readonly action: A;
  readonly timeoutMs: number;
  /** The steps that an action of a rollback level covers, newest first; absent for a step's own actions. */
  readonly covers?: readonly string[] | undefined;
}

/**
 * What became of an effect. A failure is data here, never an exception: an exception means that the attempt may be
 * repeated by the engine, because the journal makes that safe.
 */
export type EffectOutcome =
  | {
      readonly outcome: 'done';
      readonly exitCode: number | null;
      readonly durationMs: number;
      readonly output: string;
      /** What both sides of a data migration were found to be; absent for other effects. */
      readonly comparison?: Comparison;
      /** What a person has to settle before the effect is done; absent when it is. */
      readonly asks?: RowsToSettle;
      /** What is lost if it is done, which a person has to approve first; nothing was done yet. Absent when it was. */
      readonly losses?: Losses;
    }
  | {
      readonly outcome: 'failed';
      /** What happened and what to do next, for a person. */
      readonly cause: string;
      readonly exitCode: number | null;
      readonly durationMs: number;
      readonly output: string;
    }
  /** It began, and nobody can tell how it ended. */
  | {
      readonly outcome: 'unknown';
      readonly cause: string;
      readonly durationMs: number;
      readonly output: string;
    };

/** A requirement that a machine can evaluate. */
export interface MachineRequirement {
  readonly text: string;
  readonly probe: MachineProbe;
}

export interface TimedRequirement extends MachineRequirement {
  /** Milliseconds over which every sample must hold, as the run counts time; null when one sample decides. */
  readonly windowMs: number | null;
}

/** One notice for one channel. */
export interface NoticeJob {
  readonly workspace: string;
  readonly source: ChannelSource;
  readonly notice: Notice;
}

export interface EvaluateJob {
  readonly context: RunContext;
  readonly requirements: readonly TimedRequirement[];
  readonly baselines: Baselines;
  /** Milliseconds between two samples of a requirement with a window. */
  readonly intervalMs: number;
  /** Milliseconds one probe may take. */
  readonly timeoutMs: number;
  /** Milliseconds all of it may take, all at once; left out, a few are evaluated at a time until all have answered. */
  readonly withinMs?: number;
}

/** Measures each metric once. */
export interface BaselineJob {
  readonly context: RunContext;
  /** Names of bound metrics. */
  readonly metrics: readonly string[];
  /** Milliseconds one sample may take. */
  readonly timeoutMs: number;
}

export interface WatchJob {
  readonly context: RunContext;
  /** The step that is watched. */
  readonly step: string;
  readonly watch: Watch;
  readonly baselines: Baselines;
  /** Milliseconds between two samples. */
  readonly intervalMs: number;
  readonly failureLimit: number;
  readonly errorLimit?: number;
  readonly noDataLimit?: number;
  /** Conditions, by their place, that may stay without data: a person has answered for them. */
  readonly vouched?: readonly number[];
  /** By how much durations in the sentences ("for 5 minutes") are divided. */
  readonly compress: number;
  /** What is known already. */
  readonly state: WatchState;
  readonly until: WatchEnd;
}

export type WatchEnd =
  /** Until it is cancelled, while the step works. */
  | { readonly kind: 'cancelled' }
  /** Until samples vouch for this many milliseconds, `samples` of them at least, and every condition is decided. */
  | { readonly kind: 'soaked'; readonly ms: number; readonly samples: number };

/** How a watch ended. */
export interface WatchReport {
  /**
   * `fired`: a condition that fails the step. `alerts`: one that only notifies fired or recovered; the watch continues.
   * `blind`: a condition had no data, or its probe broke, as often as the bindings allow. `soaked`: as long as it was to.
   * `cancelled`: it was told to stop.
   */
  readonly ended: 'fired' | 'alerts' | 'blind' | 'soaked' | 'cancelled';
  /** Place among `watch.conditions`, with what was seen; null when nothing that fails the step fired. */
  readonly fired: { readonly index: number; readonly evidence: string } | null;
  /** What fired or recovered since the last report, of the conditions that only notify. */
  readonly alerts: readonly WatchAlert[];
  /** One per condition, in order, then one without a verdict per metric that is only shown. */
  readonly results: readonly RequirementView[];
  /** The places of the conditions that ended it, where it is `blind`. */
  readonly blind?: readonly number[];
  readonly state: WatchState;
}

export interface WatchAlert {
  readonly text: string;
  readonly evidence: string;
  readonly recovered: boolean;
}

export interface WindowJob {
  readonly windows: readonly { readonly text: string; readonly window: Window }[];
  readonly freezes: readonly { readonly text: string; readonly freeze: Freeze }[];
}

export interface IdentifyJob {
  readonly context: RunContext;
  readonly connection: string;
}

/** A limit for the rows of a step that are under way. */
export interface ThrottleJob {
  readonly context: RunContext;
  /** Of the target. */
  readonly connection: string;
  readonly step: string;
  /** Rows per second; null for the limit of the strategy. */
  readonly ratePerSecond: number | null;
}

/** The tables that are limited now, none where none is under way; or why the database did not take it. */
export type Throttled = { readonly tables: readonly string[] } | { readonly why: string };

/** The database, or why it could not be found out. */
export type Identified = { readonly database: DatabaseIdentity } | { readonly why: string };

export interface RecordJob {
  readonly run: string;
  /** Consecutive; already written ones are skipped by `seq`. */
  readonly events: readonly RunEvent[];
}

export interface ArchiveJob {
  readonly run: string;
  /** When the run started (ISO 8601). */
  readonly startedAt: string;
  readonly workspace: string;
  readonly target: ArchiveTarget;
}

export interface StepsJob {
  readonly plan: string;
  readonly phase: number;
  readonly from: number;
  readonly count: number;
}

/** A run's claim to a lock. */
export interface LockJob extends Claim {
  readonly lock: string;
}

export interface SignatureJob {
  /** A compact JWS. */
  readonly signed: string;
  /** Its `typ`: what kind of message it is. */
  readonly type: string;
  /** The public keys of who is said to have signed it. */
  readonly keys: readonly PublicKey[];
}

/** The payload and the thumbprint of its key, or why it proves nothing. */
export type Verified = { readonly payload: string; readonly key: string } | { readonly why: string };

/** The host whose worker took the question, and the task queue that reaches just this host. */
export interface Host {
  readonly host: string;
  readonly taskQueue: string;
}

/** Carries an action out exactly once; a repeat finds what an earlier attempt of the same key did. */
export type RunEffect = (job: EffectJob) => Promise<EffectOutcome>;
/** One result per requirement, in order. */
export type Evaluate = (job: EvaluateJob) => Promise<readonly RequirementView[]>;
/** One value per metric; null for one without data. */
export type MeasureBaselines = (job: BaselineJob) => Promise<Baselines>;
/** Samples until a condition fires or recovers, or its end is reached. */
export type WatchMetrics = (job: WatchJob) => Promise<WatchReport>;
export type CheckWindow = (job: WindowJob) => Promise<WindowState>;
/** Appends to the run's record file and answers with its path. */
export type WriteRecord = (job: RecordJob) => Promise<string>;
/** Copies the record to its archive, as far as it is written on this host; a repeat replaces the copy. */
export type ArchiveRecord = (job: ArchiveJob) => Promise<void>;
export type LoadSteps = (job: StepsJob) => Promise<PlannedPhase['steps']>;
/** Whether one of these keys made the signature, and what it says; a repeat answers the same. */
export type VerifySignature = (job: SignatureJob) => Promise<Verified>;
export type FindHost = () => Promise<Host>;
/** Asks the database itself; waits a while for one that is out of reach. */
export type IdentifyDatabase = (job: IdentifyJob) => Promise<Identified>;

/** Sets a limit in the database of the target; a repeat sets it again. */
export type ThrottleRows = (job: ThrottleJob) => Promise<Throttled>;

/** Sends one notice; throws what the engine retries, and `NoticeRefused` for what the channel will never take. */
export type DeliverNotice = (job: NoticeJob) => Promise<void>;

/** Claims a lock for a run; a repeat changes nothing. */
export type ClaimLock = (job: LockJob) => Promise<void>;
/** Returns once the run is not open any more, however it ended. */
export type UntilRunEnds = (claim: Claim) => Promise<void>;

export interface Activities {
  readonly runEffect: RunEffect;
  readonly evaluate: Evaluate;
  readonly measureBaselines: MeasureBaselines;
  readonly watchMetrics: WatchMetrics;
  readonly checkWindow: CheckWindow;
  readonly writeRecord: WriteRecord;
  readonly archiveRecord: ArchiveRecord;
  readonly loadSteps: LoadSteps;
  readonly findHost: FindHost;
  readonly identifyDatabase: IdentifyDatabase;
  readonly throttleRows: ThrottleRows;
  readonly deliverNotice: DeliverNotice;
  readonly verifySignature: VerifySignature;
  readonly claimLock: ClaimLock;
  readonly untilRunEnds: UntilRunEnds;
}
