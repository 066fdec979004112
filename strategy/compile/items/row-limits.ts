/** How fast rows are copied or changed: what the item says about batches, a rate, workers, and when to hold back. */
import { nonBlank } from '../../document.js';
import type { RowsAction, Throttle } from '../../plan.js';
import { parseByteSize } from '../../sentence/byte-size.js';
import { parseRowRate } from '../../sentence/row-rule.js';
import type { Compilation } from '../compilation.js';
import { shorten } from '../reporter.js';
import type { DataItem, Unreadable } from './data-tables.js';

export type RowLimits = Pick<RowsAction, 'batchSize' | 'ratePerSecond' | 'throttle'>;

export function rowLimitsOf(c: Compilation, { fields }: DataItem): RowLimits | Unreadable {
  const { batch_size, rate_limit } = fields.execution_plan ?? {};
  const rate = nonBlank(rate_limit);
  const ratePerSecond = rate === null ? null : parseRowRate(rate);
  if (rate !== null && ratePerSecond === null) {
    return { why: `the rate_limit "${shorten(rate)}" is not understood; write it as "500 rows/s"` };
  }
  const throttle = throttleOf(c, fields['x-throttle']);
  if (throttle !== null && 'why' in throttle) return throttle;
  return { batchSize: batch_size ?? null, ratePerSecond, ...(throttle && { throttle }) };
}

function throttleOf(
  c: Compilation,
  settings: DataItem['fields']['x-throttle'],
): Throttle | Unreadable | null {
  const lag = nonBlank(settings?.replicaLag);
  const busy = nonBlank(settings?.busy);
  if (lag === null && busy === null) return null;
  const replicaLagBytes = lag === null ? null : parseByteSize(lag);
  if (lag !== null && replicaLagBytes === null) {
    return { why: `x-throttle.replicaLag "${shorten(lag)}" is not understood; write it as "256 MB"` };
  }
  if (busy !== null && !isOneQuery(c, busy)) {
    return {
      why: `x-throttle.busy "${shorten(busy)}" is no query; write "SELECT ..." that is true or false`,
    };
  }
  return { replicaLagBytes, busy };
}

/** One query, which can stand in brackets. */
function isOneQuery(c: Compilation, text: string): boolean {
  return c.surroundings.sqlError(text) === null && c.surroundings.sqlError(`select (${text}\n)`) === null;
}
