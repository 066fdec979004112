/**
 * Compares only the rows that have changed on either side since the last time, and those that differed then: the keys come from both
 * sides, and both rows of each are then looked at. A row that was deleted has no time any more, so the numbers of rows are compared as
 * well: where they are apart by more than these keys explain, every row must be.
 */
import { interruption } from '../attempt.js';
import { changedSince } from '../effects/rows/changed-since.js';
import type { Column } from '../effects/rows/table.js';
import type { ChangedColumn } from './changed-column.js';
import { both, type Compared, lookAgain } from './compare-rows.js';
import type { Difference } from './differences.js';
import type { Mark } from './marks.js';
import { countRows } from './ranges.js';
import { keyText, type Side, type Sides } from './side.js';

/** More changed rows than this on one side, and checksums of ranges are faster. */
const MOST_CHANGED = 100_000;

/** Null when every row must be compared. Throws what the databases answer. */
export async function compareChanged(
  sides: Sides,
  table: string,
  column: ChangedColumn,
  mark: Mark,
): Promise<Compared | 'interrupted' | null> {
  const ask = (side: Side): Promise<readonly string[]> =>
    side === sides.source
      ? changedKeys(side, column.source, mark.source)
      : changedKeys(side, column.target, mark.target);
  const [there, here] = await both(sides.source, sides.target, ask);
  if (Math.max(there.length, here.length) > MOST_CHANGED) return null;
  const keys = [...new Set([...there, ...here, ...mark.open])];
  const candidates = keys.map((key): Difference => ({ kind: 'different', table, key, detail: [] }));
  const differences = [...(await lookAgain(sides, candidates))];
  if (interruption() !== null) return 'interrupted';
  const [left, right] = await both(sides.source, sides.target, countRows);
  const count = (kind: Difference['kind']): number =>
    differences.filter((found) => found.kind === kind).length;
  if (left - right !== count('missing') - count('extra')) return null;
  return { compared: keys.length, equal: keys.length - differences.length, differences, stopped: false };
}

/** Also of rows that are not compared any more: the other side may still have them. */
async function changedKeys(side: Side, column: Column, mark: string): Promise<readonly string[]> {
  const query = `select ${keyText(side)} as key from ${side.from} where ${changedSince(column, 1)} limit ${MOST_CHANGED + 1}`;
  const { rows } = await side.session.query(query, [mark], side.limitMs);
  return rows.map(({ key }) => key ?? '');
}
