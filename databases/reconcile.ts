/** Compares both sides of a data migration without a run. */
import { withoutEngine } from '../activities/attempt.js';
import { type Difference, writeDifferences } from '../activities/reconcile/differences.js';
import { reconcile } from '../activities/reconcile/reconcile.js';
import type { Reconciliation } from '../strategy/plan.js';
import { type Findings, type Judgement, judge } from '../strategy/reconcile/result.js';
import { type Place, withSessions } from './place.js';

export interface ReconcileOptions {
  /** Which rows a sample draws. */
  readonly seed: number;
  /** Where the keys of rows that differ go; without any, no file is written. */
  readonly file: string;
  readonly signal: AbortSignal;
  readonly progress: (table: string, rows: number) => void;
}

export interface ReconcileReport extends Judgement, Findings {
  readonly item: string;
  /** Null when nothing differs. */
  readonly file: string | null;
  readonly differences: readonly Difference[];
}

/** A day: as long as one statement may take. */
const LIMIT_MS = 86_400_000;

/** Throws `DatabaseTrouble`. Null when it was interrupted. */
export async function reconcileItem(
  place: Place,
  reconciliation: Reconciliation,
  { seed, file, signal, progress }: ReconcileOptions,
): Promise<ReconcileReport | null> {
  const { source, target, item } = reconciliation;
  const settings = { limitMs: LIMIT_MS, seed, progress };
  const found = await withoutEngine(signal, () =>
    withSessions(place, [source, target], async ([there, here]) => {
      if (there === undefined || here === undefined) return null;
      return reconcile(reconciliation, { source: there, target: here }, settings);
    }),
  );
  if (found === null) return null;
  const { findings, differences } = found;
  if (differences.length > 0) await writeDifferences(file, differences);
  return {
    item,
    ...judge(reconciliation, findings),
    ...findings,
    file: differences.length > 0 ? file : null,
    differences,
  };
}
