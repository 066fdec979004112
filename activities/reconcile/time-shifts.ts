/** How far the times are apart in rows that differ in times only. */
import { shiftOf, type TimeShift } from '../../strategy/reconcile/time-shift.js';
import { both } from './compare-rows.js';
import type { Difference } from './differences.js';
import { amongKeys, keyColumns } from './ranges.js';
import { isTime, keyText, type Side, type Sides } from './side.js';

/** Rows of a table that are looked at. */
const MOST = 1_000;

type Times = ReadonlyMap<string, readonly (number | null)[]>;

/** Of the columns that differ. Throws what the databases answer. */
export async function timeShifts(
  sides: Sides,
  differences: readonly Difference[],
): Promise<readonly TimeShift[]> {
  const rows = differences.filter(({ kind }) => kind === 'temporal').slice(0, MOST);
  if (rows.length === 0) return [];
  const keys = rows.map(({ key }) => key);
  const [there, here] = await both(sides.source, sides.target, (side) => timesOf(side, keys));
  const times = sides.target.values.filter(isTime);
  return times.flatMap(({ column }, place): readonly TimeShift[] => {
    const own = rows.filter(({ detail }) => detail.includes(column));
    if (own.length === 0) return [];
    const apart = own.flatMap(({ key }) => {
      const [left, right] = [there.get(key)?.[place] ?? null, here.get(key)?.[place] ?? null];
      return left === null || right === null ? [] : [Math.round((right - left) * 1_000)];
    });
    return [shiftOf(column, apart)];
  });
}

/** Seconds since 1970; null for a NULL, and for what is at infinity. */
async function timesOf(side: Side, keys: readonly string[]): Promise<Times> {
  const times = side.values
    .filter(isTime)
    .map(
      ({ text, base }) =>
        `extract(epoch from nullif(nullif((${text})::${base}, 'infinity'), '-infinity'))::text`,
    );
  const query = `select ${keyText(side)} as key, json_build_array(${times.join(', ')})::text as times from ${side.from}
  where ${amongKeys(side)}`;
  const { rows } = await side.session.query(query, keyColumns(side, keys), side.limitMs);
  return new Map(rows.map(({ key, times: json }) => [key ?? '', numbersOf(json)]));
}

function numbersOf(json: string | null | undefined): readonly (number | null)[] {
  const list: unknown = JSON.parse(json ?? '[]');
  return Array.isArray(list) ? list.map((value) => (value === null ? null : Number(value))) : [];
}
