/**
 * What holds for the times of every row:
 *
 *     order = column "<=" ( column | "now" )      "created_at <= updated_at", "updated_at <= now"
 *           | column "by key"                     rows in the order of their key are in the order of this time, too
 */
import type { TimeOrder } from '../plan.js';

const NAME = '[A-Za-z_][\\w$]*';
const BEFORE = new RegExp(`^(${NAME})\\s*<=\\s*(${NAME})$`);
const BY_KEY = new RegExp(`^(${NAME})\\s+by\\s+key$`);

/** Null for anything else. */
export function parseTimeOrder(text: string): TimeOrder | null {
  const words = text.trim();
  const [, column] = BY_KEY.exec(words) ?? [];
  if (column !== undefined) return { kind: 'by-key', column };
  const [, earlier, later] = BEFORE.exec(words) ?? [];
  if (earlier === undefined || later === undefined || earlier === 'now') return null;
  return { kind: 'before', earlier, later: later === 'now' ? null : later };
}

export function describeTimeOrder(order: TimeOrder): string {
  return order.kind === 'by-key' ? `${order.column} by key` : `${order.earlier} <= ${order.later ?? 'now'}`;
}
