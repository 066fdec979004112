/**
 * The plan: a strategy and its bindings compiled into exactly what a run executes.
 * JSON-plain on purpose: it crosses process borders and is hashed. It holds no secret, only references
 * such as `${env:CART_DB_URL}` that the activity in need of them resolves.
 */

import type { MetricUnit } from './sentence/unit.js';

export type { MetricUnit } from './sentence/unit.js';

/** How far a rollback goes. */
export type Level = 'step' | 'phase' | 'full';

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
  /** The migration window and the business constraints. */
  readonly constraints: readonly Constraint[];
  readonly prerequisites: readonly PlannedPrerequisite[];
  /** In the order in which they run. */
  readonly phases: readonly PlannedPhase[];
  readonly completion: PlannedCompletion;
  /** From the smallest to the largest; only those the strategy defines. */
  readonly levels: readonly PlannedLevel[];
  /** Who is told what, through which channels. */
  readonly notices: readonly NoticeRoute[];
  /** What may go wrong, and what is done about it; absent without any. */
  readonly risks?: readonly PlannedRisk[];
  /** What no other run may touch meanwhile, in the order in which it is locked; absent without any. */
  readonly locks?: readonly string[];
  /** Shown, and decides nothing; absent without any. */
  readonly timeline?: Timeline;
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

/** What people are told about: the start, progress, a decision, one that is overdue, trouble, the end. */
export type NoticeKind = 'started' | 'progress' | 'decision' | 'overdue' | 'issue' | 'ended';

export interface NoticeRoute {
  readonly on: NoticeKind;
  /** Names of bound channels. */
  readonly channels: readonly string[];
  /** `summary`: a few sentences for management. `update`: what an engineer needs. */
  readonly form: 'summary' | 'update';
  /** The strategy's own words, in front of the facts; null without any. */
  readonly words: string | null;
  /** Only the alerts of these conditions; null for all. */
  readonly alerts: readonly string[] | null;
}

/** Where notices go. Addresses and keys are usually references to secrets. */
export type ChannelSource =
  | { readonly kind: 'slack'; readonly url: string }
  /** Signed as in Standard Webhooks when there is a secret. */
  | { readonly kind: 'webhook'; readonly url: string; readonly secret: string | null }
  | { readonly kind: 'email'; readonly smtp: string; readonly from: string; readonly to: readonly string[] }
  | { readonly kind: 'pagerduty'; readonly routingKey: string; readonly url: string };

/**
 * The roles whose holders may command a run: any one of them is enough, and an empty list lets anyone. `pause` is also
 * for resuming; `override` is for answering so at a window.
 */
export type Authority = Readonly<Record<'rollback' | 'abort' | 'pause' | 'override', readonly string[]>>;

/** What of the bindings a run needs, with secrets still as references. */
export interface PlannedBindings {
  readonly connections: Readonly<Record<string, ConnectionSource>>;
  readonly metrics: Readonly<Record<string, MetricSource>>;
  readonly roles: Readonly<Record<string, RoleBinding>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly forbidSelfApproval: boolean;
  /** Absent where names count as claimed. */
  readonly identity?: SignedIdentity;
  readonly watch: WatchSettings;
  readonly channels: Readonly<Record<string, ChannelSource>>;
}

/** Only signed votes and commands count. */
export interface SignedIdentity {
  /** The audience of every signature: what is signed for another installation does not count here. */
  readonly installation: string;
  /** By identity. */
  readonly keys: Readonly<Record<string, readonly PublicKey[]>>;
}

/** An Ed25519 public key as a JSON Web Key (RFC 8037). */
export interface PublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  /** 32 bytes in base64url. */
  readonly x: string;
}

export interface ConnectionSource {
  /** A connection URI, usually a reference to a secret. */
  readonly postgres: string;
}

/** `unit`: what its values are; null when the bindings do not say. */
export type MetricSource = { readonly unit: MetricUnit | null } & (
  | { readonly kind: 'prometheus'; readonly url: string; readonly query: string }
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'sql'; readonly sql: string; readonly connection: string }
  | { readonly kind: 'http'; readonly url: string; readonly pointer: string }
);

export interface RoleBinding {
  readonly members: readonly string[];
  /** How many members must vote. */
  readonly votes: number;
}

export interface WatchSettings {
  /** Milliseconds between two samples. */
  readonly intervalMs: number;
  /** How many failing samples in a row make a verdict. */
  readonly failureLimit: number;
}

/** A sentence about when the migration may run. `window` and `freeze` are evaluated, `person` is asked. */
export type Constraint =
  | { readonly kind: 'window'; readonly text: string; readonly window: Window }
  | { readonly kind: 'freeze'; readonly text: string; readonly freeze: Freeze }
  | { readonly kind: 'person'; readonly text: string };

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/** When the migration may act: on days of the week, by a recurrence, or once. */
export type Window = WeeklyWindow | RecurringWindow | SingleWindow;

export interface WeeklyWindow {
  readonly days: readonly Weekday[];
  /** "HH:MM" on the wall clock of `zone`; `to` is exclusive and may be "24:00". */
  readonly from: string;
  readonly to: string;
  /** An IANA time zone, or a distance from UTC such as "+02:00". */
  readonly zone: string;
}

export interface RecurringWindow {
  /** The lines DTSTART and RRULE of iCalendar (RFC 5545). */
  readonly rule: string;
  readonly durationMs: number;
}

export interface SingleWindow {
  /** Instants in UTC, as `Date` writes them; `end` is exclusive. */
  readonly start: string;
  readonly end: string;
}

/** Whole days, both included, "YYYY-MM-DD" in `zone`. */
export interface Freeze {
  readonly from: string;
  readonly to: string;
  readonly zone: string;
}

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
  /** `can_rollback_from_here: false`: a rollback asks before it undoes a step of this phase. */
  readonly pointOfNoReturn: boolean;
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
  /** The items of other sections that it carries out after its own actions; absent without any. */
  readonly uses?: readonly UsedItem[];
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

/** One thing that changes the world. */
export type Action =
  | CommandAction
  | SqlAction
  | ConfigFileAction
  | SettingAction
  | TrafficAction
  | ObserveAction
  | RowsAction
  | ManualAction;

/** A file of the workspace as it was when the plan was made. Another content under its path is not run. */
export interface ScriptFile {
  /** Relative to the workspace. */
  readonly path: string;
  /** SHA-256 of its bytes, in hex. */
  readonly sha256: string;
}

/** What runs as a process: a line for the shell, or a program of the workspace. */
export type CommandAction =
  | { readonly kind: 'command'; readonly text: string }
  | ({ readonly kind: 'script' } & ScriptFile);

/** Statements that commit together with their journal row, or a script of them read when it runs. */
export type SqlAction =
  | { readonly kind: 'sql'; readonly statements: readonly string[]; readonly connection: string }
  | ({ readonly kind: 'sql-script'; readonly connection: string } & ScriptFile);

/** `flagd`: a file of feature flags as https://flagd.dev defines it, in which the path is the name of a flag. */
export type ConfigFormat = 'env' | 'flagd' | 'ini' | 'json' | 'properties' | 'toml' | 'yaml';

/** One setting in a configuration file, or the way back to what the file was before the item changed it. */
export interface ConfigFileAction {
  readonly kind: 'config-file';
  /** The id of the item; `restore` finds by it what the step saved. */
  readonly item: string;
  /** Relative to the workspace, or absolute. */
  readonly file: string;
  readonly format: ConfigFormat;
  readonly path: readonly string[];
  readonly change: ConfigChange;
}

/**
 * Values are texts as the strategy writes them, with secrets as references. `expected` is what must be found before the
 * change; null when nothing may be there.
 */
export type ConfigChange =
  | { readonly do: 'set'; readonly value: string; readonly expected: string | null }
  | { readonly do: 'remove'; readonly expected: string | null }
  | { readonly do: 'move'; readonly from: readonly string[]; readonly expected: string | null }
  | { readonly do: 'restore' };

/** One setting that is not in a file, or the way back to what it was before the item changed it. */
export interface SettingAction {
  readonly kind: 'setting';
  /** The id of the item; `restore` finds by it what the step saved. */
  readonly item: string;
  readonly target: SettingTarget;
  readonly change: Exclude<ConfigChange, { readonly do: 'move' }>;
}

export type SettingTarget = DatabaseSetting | HttpFlag | CommandFlag;

/** A setting of Postgres. With a role, `database` means the role in the database of the connection. */
export interface DatabaseSetting {
  readonly store: 'database';
  readonly connection: string;
  readonly setting: string;
  readonly scope: 'system' | 'database' | 'role';
  readonly role: string | null;
}

/** A flag that is a member of a JSON document behind an HTTP API. Header values are usually references to secrets. */
export interface HttpFlag {
  readonly store: 'http';
  readonly flag: string;
  readonly url: string;
  readonly pointer: string;
  /** PATCH sends a merge patch (RFC 7396), PUT the whole document. */
  readonly method: 'PATCH' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
}

/** A flag that a line for the shell prints, and another one sets to its "$1". */
export interface CommandFlag {
  readonly store: 'command';
  readonly flag: string;
  readonly get: string;
  readonly set: string;
}

/** A share of the requests of one route goes to the new version, or the route is set as it was before the step changed it. */
export interface TrafficAction {
  readonly kind: 'traffic';
  /** Its name in the bindings; `restore` finds by it what the step saved. */
  readonly route: string;
  readonly source: TrafficSource;
  readonly change: { readonly do: 'shift'; readonly percent: number } | { readonly do: 'restore' };
}

/** What divides the requests between the stable and the new version. Addresses and names as its configuration writes them. */
export type TrafficSource =
  | ProxySource
  /** `set` gets the percentage as "$1"; `get` prints it. */
  | { readonly kind: 'command'; readonly set: string; readonly get: string }
  /** A JSON document that holds the percentage at the pointer: read with GET, replaced with PUT. */
  | { readonly kind: 'http'; readonly url: string; readonly pointer: string };

/** A proxy whose configuration file holds the weights. */
export interface ProxySource {
  readonly kind: 'nginx' | 'haproxy';
  /** Relative to the workspace, or absolute. */
  readonly file: string;
  /** The name of its `upstream` or `backend`. */
  readonly pool: string;
  readonly stable: readonly string[];
  readonly candidate: readonly string[];
  /** Commands: whether the configuration is valid, and how the proxy takes it over. */
  readonly test: string;
  readonly reload: string;
}

/** What must hold before the next action: evaluated, then watched for a while. */
export interface ObserveAction {
  readonly kind: 'observe';
  /** What is observed, such as "cart at 5%". */
  readonly what: string;
  /** Evaluated at the beginning, and again at the end. */
  readonly requirements: readonly Requirement[];
  /** Evaluated at the end, when there was time to see something. */
  readonly afterwards: readonly Requirement[];
  /** What must stay quiet meanwhile. */
  readonly conditions: readonly WatchCondition[];
  /** Milliseconds; 0 evaluates once and watches nothing. */
  readonly soakMs: number;
}

/** Rows of one table that a data migration copies or changes in batches, within one database; or the way back. */
export interface RowsAction {
  readonly kind: 'rows';
  /** The id of the item; with the name of the table, the way back finds by it what the step saved. */
  readonly item: string;
  readonly connection: string;
  readonly source: TableName;
  readonly change: RowsChange;
  /** Columns and their new values, as SQL over the columns of the source. */
  readonly set: readonly ColumnRule[];
  /** Columns of the source that the copy leaves out on purpose. */
  readonly omit: readonly string[];
  /** An SQL condition that chooses rows; null for all. */
  readonly where: string | null;
  /** `apply`: the change itself. `undo`: the rows as they were before it. */
  readonly direction: 'apply' | 'undo';
  /** Rows in the first batch; null leaves it to the worker. */
  readonly batchSize: number | null;
  /** Rows per second at most; null for as fast as it goes. */
  readonly ratePerSecond: number | null;
}

/** `copy`: into a table that is empty. `update`, `delete`: in place. `archive`: into another table, out of this one. */
export type RowsChange =
  | { readonly do: 'copy' | 'archive'; readonly target: TableName }
  | { readonly do: 'update' | 'delete' };

export interface TableName {
  readonly schema: string;
  readonly table: string;
}

export interface ColumnRule {
  readonly column: string;
  /** An SQL expression. */
  readonly value: string;
}

/** What only a person can do. */
export interface ManualAction {
  readonly kind: 'manual';
  readonly items: readonly string[];
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

/** A sentence that must hold, and what evaluates it. */
export interface Requirement {
  readonly text: string;
  readonly probe: Probe;
}

export type Probe = MachineProbe | StateProbe | DeclaredProbe | CoveredProbe | PersonProbe;

/**
 * Evaluated by an activity. `args` reach a command as "$1", "$2" and SQL as bind parameters: never by substitution. `inverted`: the
 * sentence holds when the probe fails (`expect: fail` in the bindings).
 */
export type MachineProbe = { readonly inverted?: true } & (
  | { readonly how: 'command'; readonly text: string; readonly args: readonly string[] }
  | ({ readonly how: 'script' } & ScriptFile)
  | {
      readonly how: 'sql';
      readonly text: string;
      readonly args: readonly string[];
      readonly connection: string;
    }
  | ({ readonly how: 'sql-script'; readonly connection: string } & ScriptFile)
  | {
      readonly how: 'http';
      readonly method: 'GET' | 'HEAD' | 'POST';
      readonly url: string;
      readonly expect: number;
    }
  | MetricProbe
  /** Holds when all of them do. */
  | { readonly how: 'all'; readonly of: readonly MetricProbe[] }
);

export interface MetricProbe {
  readonly how: 'metric';
  readonly metric: string;
  readonly comparison: Comparison;
  /** There is no verdict while this metric, a number of requests, is lower. */
  readonly enough?: { readonly metric: string; readonly count: number };
}

/** Evaluated from the run's own view. */
export interface StateProbe {
  readonly how: 'state';
  readonly fact: Fact;
}

/** The strategy itself says that it holds, such as a prerequisite with `status: verified`. */
export interface DeclaredProbe {
  readonly how: 'declared';
}

/** The step's validation script is the machine check of this sentence. */
export interface CoveredProbe {
  readonly how: 'covered';
  readonly by: string;
}

/** Only a person can say. */
export interface PersonProbe {
  readonly how: 'person';
}

export type Fact =
  | { readonly kind: 'step-completed'; readonly step: string }
  | { readonly kind: 'phase-completed'; readonly phase: string }
  | { readonly kind: 'gate-passed'; readonly gate: string }
  /** `except`: the last gate, where the sentence is one of its own criteria. */
  | { readonly kind: 'all-gates-passed'; readonly except?: string }
  | { readonly kind: 'prerequisite-verified'; readonly prerequisite: string };

export type Operator = '<' | '<=' | '>' | '>=' | '==' | '!=';

export interface Comparison {
  readonly operator: Operator;
  readonly threshold: Threshold;
  /** Milliseconds over which every sample must hold; null when one sample decides. */
  readonly overMs: number | null;
}

/** What a metric is compared with: a value in the metric's own unit, or a multiple of its baseline or of another metric. */
export type Threshold =
  | { readonly kind: 'value'; readonly value: number; readonly unit: MetricUnit | null }
  | { readonly kind: 'baseline'; readonly factor: number }
  | { readonly kind: 'metric'; readonly metric: string; readonly factor: number };

export interface Watch {
  /** Each fires when its sentence holds. */
  readonly conditions: readonly WatchCondition[];
  /** Bound metrics that are sampled and shown only. */
  readonly metrics: readonly string[];
}

export interface WatchCondition {
  readonly text: string;
  readonly probe: MachineProbe;
  /** The rollback level this condition is a trigger of, if it is one. */
  readonly level: Level | null;
  /** `notify`: an alert event, and the step continues. `fail`: the step fails and the rollback ladder begins. */
  readonly onFire: 'notify' | 'fail';
  /** Milliseconds between two samples, for a condition with a frequency of its own; absent: sampled in every round. */
  readonly everyMs?: number;
  /** The role that is asked when it fails the step; absent: the responsible role of the step. */
  readonly responsible?: string;
}

export interface PlannedGate {
  readonly id: string;
  readonly name: string;
  readonly requirements: readonly Requirement[];
  readonly approval: Approval | null;
  readonly failureResponse: FailureResponse;
}

/** Every role listed must vote yes. */
export interface Approval {
  readonly approvers: readonly string[];
}

export interface PlannedCompletion {
  readonly requirements: readonly Requirement[];
  readonly approval: Approval | null;
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
