/** Rows of the target whose times contradict what the item says of their order: `x-reconcile.times`. */
import { tableText } from '../../strategy/kinds/effects/rows.js';
import type { ComparedTable, TimeOrder } from '../../strategy/plan.js';
import type { Disorder } from '../../strategy/reconcile/result.js';
import { describeTimeOrder } from '../../strategy/sentence/time-order.js';
import { quoted } from '../effects/rows/table.js';
import { Refusal } from '../refusal.js';
import type { Difference } from './differences.js';
import { keyText, type Side } from './side.js';

/** Rows that are named for one sentence. */
const MOST = 10_000;

export interface Disordered {
  readonly disorder: readonly Disorder[];
  readonly differences: readonly Difference[];
}

export const NO_DISORDER: Disordered = { disorder: [], differences: [] };

/** Throws what the database answers, and `Refusal` for a column that the table does not have. */
export async function timeDisorder({ target, times = [] }: ComparedTable, side: Side): Promise<Disordered> {
  const disorder: Disorder[] = [];
  const differences: Difference[] = [];
  const table = tableText(target);
  for (const order of times) {
    const text = describeTimeOrder(order);
    const keys = await contradicting(order, side, table);
    if (keys.length === 0) continue;
    disorder.push({ text, rows: keys.length });
    differences.push(...keys.map((key) => ({ kind: 'time-order' as const, table, key, detail: [text] })));
  }
  return { disorder, differences };
}

async function contradicting(order: TimeOrder, side: Side, table: string): Promise<readonly string[]> {
  const { session, from, where, key, limitMs } = side;
  const text = keyText(side);
  const query =
    order.kind === 'by-key'
      ? `select key from (select ${text} as key, ${column(order.column, side, table)} as at,
  lag(${column(order.column, side, table)}) over (order by ${key.map(({ sql }) => sql).join(', ')}) as before
  from ${from} where ${where}) rows_in_order where at < before`
      : `select ${text} as key from ${from} where (${where}) and ${column(order.earlier, side, table)} > ${
          order.later === null ? 'now()' : column(order.later, side, table)
        }`;
  const { rows } = await session.query(`${query} limit ${MOST}`, [], limitMs);
  return rows.map((row) => row.key ?? '[]');
}

function column(name: string, { values }: Side, table: string): string {
  if (values.some((value) => value.column === name)) return quoted(name);
  throw new Refusal(`x-reconcile.times names the column "${name}", which is no compared column of ${table}.`);
}
