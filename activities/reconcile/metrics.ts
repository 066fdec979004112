/**
 * What comparisons add to the metrics of their worker. The labels are tables and items of the strategy, which are few; no run and no
 * key is one.
 */
import { metricMeter } from '@temporalio/activity';
import type { Findings } from '../../strategy/reconcile/result.js';
import type { Applied } from './correct.js';

/** `correction`: of a step that may correct. `check`: of a requirement or a schedule. */
export type JobType = 'correction' | 'check';

/** More rows than this are of high severity. */
const HIGH = 100;

export function countComparison(
  item: string,
  job: JobType,
  { tables, orphans }: Findings,
  durationMs: number,
): void {
  const inconsistencies = metricMeter.createCounter(
    'sluice_reconciliation_inconsistencies',
    undefined,
    'Rows that a comparison found to differ, by table, type and severity.',
  );
  const add = (table: string, type: string, rows: number): void =>
    inconsistencies.add(rows, { table, type, severity: rows > HIGH ? 'high' : 'medium' });
  const drift = metricMeter.createGauge(
    'sluice_data_drift_percentage',
    'float',
    undefined,
    'The share of rows that differed in the latest comparison of the table, in percent.',
  );
  for (const { target: table, compared, equal, missing, extra, different, temporal } of tables) {
    for (const [type, rows] of Object.entries({ missing, extra, different, temporal }))
      add(table, type, rows);
    if (compared > 0) drift.set((1 - equal / compared) * 100, { table });
  }
  if (orphans > 0) add(item, 'orphan', orphans);
  metricMeter
    .createHistogram('sluice_reconciliation_duration', 'float', 'seconds', 'Seconds that a comparison took.')
    .record(durationMs / 1_000, { job_type: job });
  metricMeter
    .createGauge(
      'sluice_reconciliation_last_success',
      'float',
      'seconds',
      'When both sides of the item were last compared to the end, in seconds since 1970.',
    )
    .set(Date.now() / 1_000, { item });
}

/** A comparison that could not be made. */
export function countFailure(item: string, job: JobType): void {
  metricMeter
    .createCounter('sluice_reconciliation_failures', undefined, 'Comparisons that could not be made.')
    .add(1, { item, job_type: job });
}

/** What was corrected without asking anybody. */
export function countCorrections({ byTable }: Applied): void {
  const corrections = metricMeter.createCounter(
    'sluice_reconciliation_auto_corrections',
    undefined,
    'Rows that were corrected without asking, by table and type.',
  );
  for (const { table, inserted, updated } of byTable) {
    corrections.add(inserted, { table, correction_type: 'insert' });
    corrections.add(updated, { table, correction_type: 'update' });
  }
}
