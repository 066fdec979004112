/** Compares both sides of a data migration without a run, and corrects the target on demand. */
import { withoutEngine } from '../activities/attempt.js';
import { findAnomalies } from '../activities/reconcile/column-stats.js';
import { type Corrections, correct } from '../activities/reconcile/correct.js';
import {
  type Correction,
  type Difference,
  isCorrectable,
  writeDifferences,
} from '../activities/reconcile/differences.js';
import type { Pair } from '../activities/reconcile/moment.js';
import { type Reconciled, reconcile } from '../activities/reconcile/reconcile.js';
import type { Reconciliation } from '../strategy/plan.js';
import { type Findings, type Judgement, judge } from '../strategy/reconcile/result.js';
import { type Place, withSessions } from './place.js';

export interface ReconcileOptions {
  /** Which rows a sample draws. */
  readonly seed: number;
  /** Where the keys of rows that differ go; without any, no file is written. */
  readonly file: string;
  /** What is corrected afterwards; null for nothing. */
  readonly correct: CorrectionChoice | null;
  readonly signal: AbortSignal;
  readonly progress: (table: string, rows: number) => void;
}

export interface CorrectionChoice {
  readonly what: Correction | 'dry-run';
  /** Rows; when more of them differ, none is corrected. */
  readonly max: number;
  /** Who corrects. */
  readonly by: string;
}

export interface ReconcileReport extends Judgement, Findings {
  readonly item: string;
  /** Null when nothing differs. */
  readonly file: string | null;
  readonly differences: readonly Difference[];
  /** Null when nothing was to be corrected. */
  readonly corrections: (Corrections & { readonly lines: readonly string[] }) | null;
  /** Columns that are distributed otherwise than in the source; empty where the comparison passes. */
  readonly anomalies: readonly string[];
}

/** A day: as long as one statement may take. */
const LIMIT_MS = 86_400_000;

/** Throws `DatabaseTrouble`. Null when it was interrupted. */
export async function reconcileItem(
  place: Place,
  reconciliation: Reconciliation,
  { seed, file, signal, progress, correct: choice }: ReconcileOptions,
): Promise<ReconcileReport | null> {
  const { source, target, item } = reconciliation;
  const settings = { limitMs: LIMIT_MS, seed, progress };
  const found = await withoutEngine(signal, () =>
    withSessions(place, [source, target], async ([there, here]) => {
      if (there === undefined || here === undefined) return null;
      const pair = { source: there, target: here };
      const first = await reconcile(reconciliation, pair, settings);
      const corrections = first && choice && (await correctThem(reconciliation, first, pair, choice));
      const corrected = corrections !== null && corrections.inserted + corrections.updated > 0;
      // The second one proves what the corrections have come to.
      const last = corrected ? await reconcile(reconciliation, pair, settings) : first;
      if (last === null) return null;
      const judged = judge(reconciliation, last.findings);
      const anomalies = judged.verdict === 'pass' ? [] : await findAnomalies(reconciliation, pair, LIMIT_MS);
      return { ...last, corrections, judged, anomalies };
    }),
  );
  if (found === null) return null;
  const { findings, differences, corrections, judged, anomalies } = found;
  if (differences.length > 0) await writeDifferences(file, differences);
  return {
    item,
    ...judged,
    ...findings,
    file: differences.length > 0 ? file : null,
    ...{ differences, corrections, anomalies },
  };
}

async function correctThem(
  reconciliation: Reconciliation,
  { differences }: Reconciled,
  pair: Pair,
  { what, max, by }: CorrectionChoice,
): Promise<NonNullable<ReconcileReport['corrections']>> {
  const nothing = { inserted: 0, updated: 0, deleted: 0, changed: 0, refused: [] };
  const correctable = (own: Correction): number =>
    differences.filter((difference) => isCorrectable(difference, own)).length;
  if (what === 'dry-run') {
    const missing = correctable('missing');
    const different = correctable('fields') - missing;
    return {
      ...nothing,
      lines: [
        `Nothing was changed. "missing" would insert ${rowsText(missing)}; "fields" would also overwrite values in ${rowsText(different)}.`,
      ],
    };
  }
  const wanted = correctable(what);
  if (wanted > max) {
    return {
      ...nothing,
      lines: [
        `Nothing was changed: ${rowsText(wanted)} would be corrected, and the limit is ${max}. Look at them first.`,
      ],
    };
  }
  const settings = { correct: what, by, limitMs: LIMIT_MS, origin: null };
  const { unchanged: _, byTable: __, ...done } = await correct(reconciliation, differences, pair, settings);
  const { inserted, updated, changed, refused } = done;
  const skipped =
    changed > 0 ? [`Changed since they were compared, and left alone: ${rowsText(changed)}.`] : [];
  return {
    ...done,
    lines: [
      `Corrected: ${rowsText(inserted)} inserted, ${updated} overwritten. What was there before is in sluice.correction.`,
      ...skipped,
      ...refused.map((why) => `Refused: ${why}`),
    ],
  };
}

function rowsText(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`;
}
