/** Comparisons of only the rows that changed: whether both sides have the column that says so. */
import { readTimeColumn } from '../activities/effects/rows/changed-since.js';
import { readTable } from '../activities/effects/rows/table.js';
import type { Session } from '../activities/sql/session.js';
import { tableText } from '../strategy/kinds/effects/rows.js';
import type { ComparedTable, Plan, Reconciliation } from '../strategy/plan.js';
import type { DatabaseProblem } from './problem.js';

export interface ComparesChanged {
  readonly reconciliation: Reconciliation;
  /** It says when a row changed. */
  readonly column: string;
}

/** Those that are repeated beside the steps, each item once. */
export function changedComparisonsOf({ phases }: Plan): readonly ComparesChanged[] {
  const found = new Map<string, ComparesChanged>();
  for (const { watch } of phases.flatMap(({ steps }) => steps)) {
    for (const { probe } of watch?.conditions ?? []) {
      if (probe.how !== 'reconcile' || probe.method.kind !== 'changed') continue;
      found.set(probe.item, { reconciliation: probe, column: probe.method.column });
    }
  }
  return [...found.values()];
}

/** A table that is not there yet is made by a step, as a rule. */
export async function checkChanged(
  { reconciliation: { item, tables, source, target }, column }: ComparesChanged,
  [from, to]: readonly Session[],
): Promise<readonly DatabaseProblem[]> {
  if (from === undefined || to === undefined) return [];
  const problems: DatabaseProblem[] = [];
  for (const pair of tables) {
    problems.push(...(await sideProblems(from, { item, column, where: source, table: pair.source })));
    problems.push(...(await sideProblems(to, { item, column, where: target, table: pair.target })));
  }
  return problems;
}

interface Wanted {
  readonly item: string;
  readonly column: string;
  /** The connection. */
  readonly where: string;
  readonly table: ComparedTable['source'];
}

async function sideProblems(
  session: Session,
  { item, column, where, table }: Wanted,
): Promise<readonly DatabaseProblem[]> {
  const known = await readTable(session, table);
  if (known === null) return [];
  const name = `${tableText(table)} of ${where}`;
  const found = await readTimeColumn(session, known, column);
  if (found === null || !found.isTime) {
    const why = found === null ? `${name} has no such column` : `it is no time in ${name}`;
    const message = `x-reconcile compares rows changed by "${column}", and ${why}. Name a column that says when a row was changed, or write "method: rows".`;
    return [{ severity: 'error', subject: item, message }];
  }
  if (found.indexed) return [];
  const message = `The column "${column}" of ${name} has no index, so each comparison of changed rows reads the whole table. Add one (create index concurrently).`;
  return [{ severity: 'warning', subject: item, message }];
}
