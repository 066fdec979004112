/** How the rows of a data migration are compared on both sides. */
import type { ColumnRule, TableName } from './tables.js';

export interface Reconciliation {
  /** The id of the item. */
  readonly item: string;
  /** The connections that hold the rows as they were, and as they must have become. */
  readonly source: string;
  readonly target: string;
  readonly tables: readonly ComparedTable[];
  readonly method: ReconcileMethod;
  /** The share of the compared rows that must be equal, from 0 to 1. */
  readonly threshold: number;
  readonly rules: readonly BusinessRule[];
}

export interface ComparedTable {
  readonly source: TableName;
  readonly target: TableName;
  /** What the rows of the source were turned into. */
  readonly set: readonly ColumnRule[];
  readonly omit: readonly string[];
  /** An SQL condition for the rows of the source that are meant; null for all. */
  readonly where: string | null;
  /** An SQL condition for the rows of both sides that are compared; null for all. */
  readonly filter: string | null;
  /** Columns of the target that are not compared. */
  readonly exclude: readonly string[];
  /** Columns of the target by which rows are counted; empty counts all of them together. */
  readonly groupBy: readonly string[];
  /** What holds for the times of every row of the target; absent without any. */
  readonly times?: readonly TimeOrder[];
}

export type TimeOrder =
  /** One time is not after another one of the row; null for the time of the comparison. */
  | { readonly kind: 'before'; readonly earlier: string; readonly later: string | null }
  /** In the order of the key, no time is before the one of the previous row. */
  | { readonly kind: 'by-key'; readonly column: string };

export type ReconcileMethod =
  /** The numbers of rows, per group. */
  | { readonly kind: 'count' }
  /** Every row, by checksums of ranges of the key. `changedBy`: the column by which a watch sees which rows have changed since. */
  | { readonly kind: 'rows'; readonly changedBy?: string }
  /** The rows that this column says have changed on either side since they were compared last; every row at first. */
  | { readonly kind: 'changed'; readonly column: string }
  /** So many rows, drawn by their keys; what follows for the rest holds with this confidence, from 0 to 1. */
  | { readonly kind: 'sample'; readonly rows: number; readonly confidence: number }
  /** The business rules only. */
  | { readonly kind: 'rules' };

/** Two queries whose answers must be the same: the last column is the value, the others say what it is the value of. */
export interface BusinessRule {
  readonly name: string;
  readonly source: string;
  readonly target: string;
  /** How far two values may be apart, as a decimal number. */
  readonly tolerance: string;
}

/** What is corrected without asking anybody. */
export interface CorrectionLimits {
  /** `missing`: missing rows are inserted. `fields`: different values are overwritten as well. */
  readonly correct: 'off' | 'dry-run' | 'missing' | 'fields';
  /** Rows; when more of them could be corrected, none is, and a person decides. */
  readonly max: number;
  /** The role that is asked which side is right; null for who is responsible for the step. */
  readonly reviewer: string | null;
}

export type ReconcileTask =
  /** Compares, corrects, compares again; what is left is put to a person. */
  | { readonly do: 'correct' }
  /** What a person has decided about a batch of rows; then as above. */
  | ({ readonly do: 'resolve'; readonly batch: string } & Resolution)
  /** A person has set the rows of a batch: whether they are as stated; then as above. */
  | { readonly do: 'confirm'; readonly batch: string }
  /** Every correction of the step is taken back. */
  | { readonly do: 'undo' };

export interface Resolution {
  readonly option: 'apply-source' | 'keep-target' | 'custom';
  readonly by: string;
  readonly reason: string;
}
