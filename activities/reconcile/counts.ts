/** Compares numbers of rows, per group. Equal numbers do not say that the rows are equal. */
import { both, type Compared } from './compare-rows.js';
import type { Difference } from './differences.js';
import type { Side, Sides } from './side.js';

/** @throws Refusal when a group is no compared column */
export async function compareCounts(
  sides: Sides,
  table: string,
  groupBy: readonly string[],
): Promise<Compared> {
  const [there, here] = await both(sides.source, sides.target, (side) => countsOf(side, groupBy));
  const differences: Difference[] = [];
  let compared = 0;
  let equal = 0;
  for (const group of new Set([...there.keys(), ...here.keys()])) {
    const left = there.get(group) ?? 0;
    const right = here.get(group) ?? 0;
    compared += Math.max(left, right);
    equal += Math.min(left, right);
    if (left === right) continue;
    differences.push({ kind: 'group', table, key: group, detail: [`source ${left}`, `target ${right}`] });
  }
  return { compared, equal, differences, stopped: false };
}

/** By the values of the group, as a JSON array in which a NULL is a group of its own. */
async function countsOf(
  { session, from, where, values, limitMs }: Side,
  groupBy: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const texts = groupBy.flatMap((name) =>
    values.filter(({ column }) => column === name).map(({ text }) => text),
  );
  const group = `json_build_array(${texts.join(', ')})::text`;
  const query = `select ${group} as key, count(*)::text as rows from ${from} where ${where}${texts.length === 0 ? '' : ` group by ${texts.join(', ')}`}`;
  const { rows } = await session.query(query, [], limitMs);
  return new Map(rows.map((row) => [row.key ?? '', Number(row.rows)]));
}
