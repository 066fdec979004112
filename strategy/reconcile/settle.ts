/** What the run is told of a comparison, and what it asks people about the rows that differ. The rows themselves stay in the databases. */
import type { RequirementView, Verdict } from '../run/requirement.js';
import type { TableFindings } from './result.js';

/** One comparison, in figures. All numbers are rows. */
export interface Comparison {
  readonly item: string;
  readonly verdict: Verdict;
  readonly tables: readonly ComparedFigures[];
  /** Keys of the target without a parent. */
  readonly orphans: number;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  readonly durationMs: number;
}

export type ComparedFigures = Pick<
  TableFindings,
  'target' | 'compared' | 'equal' | 'missing' | 'extra' | 'different'
> & {
  /** Absent without any, and in histories of earlier builds. */
  readonly temporal?: number;
};

/** A batch of rows that a person has to settle. */
export interface RowsToSettle {
  /** `review`: which side is right. `by-hand`: rows that somebody sets to the values that a reviewer stated. */
  readonly kind: 'review' | 'by-hand';
  /** Its id in `sluice.review`. */
  readonly batch: string;
  readonly question: string;
  readonly evidence: readonly RequirementView[];
  readonly checklist: readonly string[];
  /** When the work that asks began (ISO 8601), where its period counts from then. */
  readonly since?: string;
}
