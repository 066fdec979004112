/** What must hold, and what evaluates it: once, or beside a step. */
import type { MetricUnit } from '../sentence/unit.js';
import type { Timetable } from './calendar.js';
import type { Reconciliation } from './reconciliation.js';
import type { ColumnRule, TableName } from './tables.js';

/** How far a rollback goes. */
export type Level = 'step' | 'phase' | 'full';

/** A file of the workspace as it was when the plan was made. Another content under its path is not run. */
export interface ScriptFile {
  /** Relative to the workspace. */
  readonly path: string;
  /** SHA-256 of its bytes, in hex. */
  readonly sha256: string;
}

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
  /** Compares both sides of a data migration. */
  | ({ readonly how: 'reconcile' } & Reconciliation)
  /** Holds while the replication slots of an online migration are there and hold back no more WAL than this. */
  | {
      readonly how: 'slots';
      /** The id of the item. */
      readonly item: string;
      /** The connections of both sides. */
      readonly source: string;
      readonly target: string;
      /** Bytes per slot. */
      readonly maxWalBytes: number;
    }
  | ({ readonly how: 'transform' } & Transform)
);

/** Holds when the rows of a dataset become what it says, by the rules and the program of a data migration. It writes nothing. */
export interface Transform {
  /** A line of JSON per row. */
  readonly dataset: ScriptFile;
  /** The connections of both sides. */
  readonly connection: string;
  readonly to: string;
  /** Of each pair, the source and what its rows are written to. */
  readonly tables: readonly { readonly source: TableName; readonly target: TableName }[];
  /** As in `RowsAction`. */
  readonly set: readonly ColumnRule[];
  readonly omit: readonly string[];
  readonly where: string | null;
  readonly program?: ScriptFile;
}

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
  /** When it is sampled again, in place of `everyMs`, which a trial that compresses time goes by. */
  readonly timetable?: Timetable;
  /** While it fires, the service counts as down; absent where it says nothing of that. */
  readonly service?: true;
  /** The role that is asked when it fails the step; absent: the responsible role of the step. */
  readonly responsible?: string;
}
