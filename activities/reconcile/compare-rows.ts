/**
 * Finds the rows of a table that differ: checksums of ranges of the key, and where they differ, those of parts of the range, down to
 * the rows. What is equal costs one pass over either table, and two numbers per range over the network.
 */
import { interruption } from '../attempt.js';
import type { Difference } from './differences.js';
import { checksum, dividers, EVERYTHING, endAfter, hashes, type Range, valueHashes } from './ranges.js';
import { isTime, type Side, type Sides } from './side.js';

/** Rows of the source per range, as a rule. */
const RANGE_ROWS = 131_072;
/** Into how many parts a range that differs is divided. */
const PARTS = 32;
/** Ranges of so few rows are compared row by row. */
const LEAF_ROWS = 2_048;
/** Differences after which the rest is not looked at. */
export const MOST_DIFFERENCES = 100_000;
/** Keys in one query. */
const AT_ONCE = 500;

export interface Compared {
  /** Rows on either side, each key counted once. */
  compared: number;
  equal: number;
  readonly differences: Difference[];
  /** True when there were too many differences to go on. */
  stopped: boolean;
}

export type Progress = (rows: number) => void;

/** Throws what the databases answer. Null when it was interrupted. */
export async function compareRows(sides: Sides, table: string, progress: Progress): Promise<Compared | null> {
  const result: Compared = { compared: 0, equal: 0, differences: [], stopped: false };
  let after: Range['after'] = null;
  for (;;) {
    if (interruption() !== null) return null;
    const upTo: Range['upTo'] = await endAfter(sides.source, { ...EVERYTHING, after }, RANGE_ROWS);
    await compareRange(sides, { after, upTo }, { table, result });
    progress(result.compared);
    result.stopped = result.differences.length >= MOST_DIFFERENCES;
    if (upTo === null || result.stopped) return result;
    after = upTo;
  }
}

interface Finding {
  readonly table: string;
  readonly result: Compared;
}

async function compareRange({ source, target }: Sides, range: Range, finding: Finding): Promise<void> {
  const { result } = finding;
  if (result.differences.length >= MOST_DIFFERENCES || interruption() !== null) return;
  const [there, here] = await both(source, target, (side) => checksum(side, range));
  if (there.rows === here.rows && there.sum === here.sum) {
    result.compared += there.rows;
    result.equal += there.rows;
    return;
  }
  const most = Math.max(there.rows, here.rows);
  if (most <= LEAF_ROWS) return compareLeaf({ source, target }, range, finding);
  const larger = there.rows >= here.rows ? source : target;
  const keys = await dividers(larger, range, Math.max(LEAF_ROWS / 2, Math.ceil(most / PARTS)));
  const ends = [...keys, range.upTo];
  for (const [index, upTo] of ends.entries()) {
    const after = index === 0 ? range.after : (keys[index - 1] ?? null);
    await compareRange({ source, target }, { after, upTo }, finding);
  }
}

async function compareLeaf(
  { source, target }: Sides,
  range: Range,
  { table, result }: Finding,
): Promise<void> {
  const [there, here] = await both(source, target, (side) => hashes(side, range));
  const found = differencesOf(there, here, table);
  result.compared += new Set([...there.keys(), ...here.keys()]).size;
  result.equal += [...there].filter(([key, hash]) => here.get(key) === hash).length;
  result.differences.push(...found);
}

export function differencesOf(
  there: ReadonlyMap<string, string>,
  here: ReadonlyMap<string, string>,
  table: string,
): readonly Difference[] {
  const differences: Difference[] = [];
  for (const [key, hash] of there) {
    const own = here.get(key);
    if (own === undefined) differences.push({ kind: 'missing', table, key, detail: [] });
    else if (own !== hash) differences.push({ kind: 'different', table, key, detail: [] });
  }
  for (const key of here.keys()) {
    if (!there.has(key)) differences.push({ kind: 'extra', table, key, detail: [] });
  }
  return differences;
}

/**
 * Looks at the rows of these differences again, by their keys: which columns differ, and, when the sides are not of one moment, which
 * rows are equal by now. Returns the differences that remain.
 */
export async function lookAgain(
  sides: Sides,
  differences: readonly Difference[],
): Promise<readonly Difference[]> {
  const remaining: Difference[] = [];
  for (let from = 0; from < differences.length; from += AT_ONCE) {
    if (interruption() !== null) return differences;
    const part = differences.slice(from, from + AT_ONCE);
    const keys = part.map(({ key }) => key);
    const [there, here] = await both(sides.source, sides.target, (side) => valueHashes(side, keys));
    for (const { key, table } of part) {
      const left = there.get(key);
      const right = here.get(key);
      if (left === undefined && right === undefined) continue;
      if (left === undefined)
        remaining.push({ kind: 'extra', table, key, detail: [], ...(right && { seen: right }) });
      else if (right === undefined) remaining.push({ kind: 'missing', table, key, detail: [], there: left });
      else {
        const found = differing(sides.target, left, right);
        if (found !== null) remaining.push({ ...found, table, key, there: left, seen: right });
      }
    }
  }
  return remaining;
}

type Hashes = readonly (string | null)[];

/** Null when all values are equal. A time that one side lacks is not one that is wrong. */
function differing(
  { values }: Side,
  left: Hashes,
  right: Hashes,
): { readonly kind: 'different' | 'temporal'; readonly detail: readonly string[] } | null {
  const places = [...values.keys()].filter((place) => left[place] !== right[place]);
  if (places.length === 0) return null;
  const own = places.flatMap((place) => values[place] ?? []);
  const filled = places.every((place) => left[place] != null && right[place] != null);
  return {
    kind: filled && own.every(isTime) ? 'temporal' : 'different',
    detail: own.map(({ column }) => column),
  };
}

/** Both sides at once: each has a connection of its own. */
export async function both<T>(
  source: Side,
  target: Side,
  ask: (side: Side) => Promise<T>,
): Promise<readonly [T, T]> {
  const [there, here] = await Promise.allSettled([ask(source), ask(target)]);
  if (there.status === 'rejected') throw there.reason;
  if (here.status === 'rejected') throw here.reason;
  return [there.value, here.value];
}
