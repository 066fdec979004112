/** Compares both sides of a data migration in their databases. It changes no row, so a repeat does no harm. */
import type { Reconciliation } from '../../strategy/plan.js';
import type { Findings, RuleFindings } from '../../strategy/reconcile/result.js';
import { compareRule } from './business-rules.js';
import { changedBy } from './changed-column.js';
import { compareTable, isByRow, markedOf, type Settings, type TableResult } from './compare-table.js';
import type { Difference } from './differences.js';
import { commonHash } from './hash.js';
import { type Marks, marksNow, writeMark } from './marks.js';
import { lookNow, type Pair } from './moment.js';
import { oneAtATime } from './one-at-a-time.js';
import { findOrphans } from './orphans.js';

export interface Reconciled {
  readonly findings: Findings;
  readonly differences: readonly Difference[];
}

/** Throws what the databases answer, and `Refusal` for tables that cannot be compared. Null when it was interrupted. */
export function reconcile(
  reconciliation: Reconciliation,
  pair: Pair,
  settings: Settings,
): Promise<Reconciled | null> {
  const { tables } = reconciliation;
  return oneAtATime(pair.target, tables, settings.limitMs, () => compareAll(reconciliation, pair, settings));
}

async function compareAll(
  reconciliation: Reconciliation,
  pair: Pair,
  settings: Settings,
): Promise<Reconciled | null> {
  const { tables, rules, method } = reconciliation;
  const column = changedBy(method);
  const marks = column === null ? null : await marksNow(pair);
  await lookNow(pair, settings.limitMs);
  const hash = await commonHash(pair);
  const results: TableResult[] = [];
  for (const compared of tables) {
    const result = await compareTable(reconciliation, compared, pair, hash, settings);
    if (result === null) return null;
    results.push(result);
  }
  const found = results.map(({ table }) => table);
  const differences = results.flatMap((result) => [...result.differences]);
  const whole = isByRow(method) && found.every(({ since }) => since === undefined);
  const orphans = whole ? await findOrphans(tables, pair.source, pair.target, settings.limitMs) : [];
  const values: RuleFindings[] = [];
  for (const rule of rules) {
    const result = await compareRule(rule, pair.source, pair.target, settings.limitMs);
    values.push({ name: rule.name, values: result.values, differing: result.differences.length });
    differences.push(...result.differences);
  }
  const seed = method.kind === 'sample' ? settings.seed : null;
  const notes = marks === null ? [] : await keepMarks(reconciliation, results, marks, pair, settings);
  return {
    findings: {
      tables: found,
      rules: values,
      orphans: orphans.length,
      seed,
      ...(notes.length > 0 && { notes }),
    },
    differences: [...differences, ...orphans],
  };
}

/** For the next comparison. Why it will be of every row again, where it will. */
async function keepMarks(
  reconciliation: Reconciliation,
  results: readonly TableResult[],
  marks: Marks,
  pair: Pair,
  settings: Settings,
): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const { compared, table, open } of results) {
    const marked = markedOf(reconciliation, compared, settings);
    if (marked === null) continue;
    const why = await writeMark(pair, marked, { ...marks, open });
    if (why !== null) {
      notes.push(
        `the next comparison of ${table.target} is of every row again, as nothing can be noted in sluice.reconciled: ${why}`,
      );
    }
  }
  return notes;
}
