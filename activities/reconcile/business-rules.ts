/** Compares what two queries answer: totals, balances. The last column is the value, the others say what it is the value of. */
import type { BusinessRule } from '../../strategy/plan.js';
import { withinTolerance } from '../../strategy/reconcile/decimal.js';
import { Refusal } from '../refusal.js';
import type { Session } from '../sql/session.js';
import type { Difference } from './differences.js';

const MOST_ROWS = 100_000;

export interface RuleResult {
  readonly values: number;
  readonly differences: readonly Difference[];
}

/** Throws what the databases answer, and `Refusal`. */
export async function compareRule(
  rule: BusinessRule,
  source: Session,
  target: Session,
  limitMs: number,
): Promise<RuleResult> {
  const there = await valuesOf(source, rule.name, rule.source, limitMs);
  const here = await valuesOf(target, rule.name, rule.target, limitMs);
  const differences: Difference[] = [];
  const keys = new Set([...there.keys(), ...here.keys()]);
  for (const key of keys) {
    const left = there.get(key);
    const right = here.get(key);
    if (left !== undefined && right !== undefined && withinTolerance(left, right, rule.tolerance)) continue;
    const detail = [`source ${valueText(left)}`, `target ${valueText(right)}`];
    differences.push({ kind: 'rule', table: rule.name, key, detail });
  }
  return { values: keys.size, differences };
}

function valueText(value: string | null | undefined): string {
  if (value === undefined) return 'has no row';
  return value ?? 'NULL';
}

async function valuesOf(
  session: Session,
  name: string,
  query: string,
  limitMs: number,
): Promise<ReadonlyMap<string, string | null>> {
  const { rows } = await session.query(query, [], limitMs);
  if (rows.length > MOST_ROWS) {
    throw new Refusal(
      `The business rule "${name}" gives ${rows.length} rows; at most ${MOST_ROWS} are compared. Group by less.`,
    );
  }
  const values = new Map<string, string | null>();
  for (const row of rows) {
    const cells = Object.values(row);
    const key = JSON.stringify(cells.slice(0, -1));
    if (values.has(key)) {
      throw new Refusal(
        `The business rule "${name}" gives two rows for ${key}. Its columns before the last one must say what the value belongs to.`,
      );
    }
    values.set(key, cells.at(-1) ?? null);
  }
  return values;
}
