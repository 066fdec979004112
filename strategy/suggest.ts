/** "Did you mean ...?" */

/** Longer names are not slips of the hand. */
const MAX_LENGTH = 80;

/**
 * The candidate that was probably meant, or null when none is close.
 *
 * Close means: equal but for case, space, "_" and "-", or at most a third of the letters away, counting an insertion, a
 * deletion, a replacement or a swap of neighbours as one (Damerau's distance with optimal string alignment).
 */
export function suggest(found: string, candidates: Iterable<string>): string | null {
  const wanted = fold(found);
  if (wanted === '' || wanted.length > MAX_LENGTH) return null;
  let limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | null = null;
  for (const candidate of candidates) {
    if (candidate === found) continue;
    const distance = distanceWithin(wanted, fold(candidate), limit);
    if (distance === null) continue;
    best = candidate;
    if (distance === 0) return best;
    limit = distance - 1;
  }
  return best;
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}

/** The distance, or null when it is more than `limit`; rows that are already too far end the count early. */
function distanceWithin(a: string, b: string, limit: number): number | null {
  if (Math.abs(a.length - b.length) > limit) return null;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let smallest = row;
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
      );
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
      smallest = Math.min(smallest, cost);
    }
    if (smallest > limit) return null;
    beforeLast = last;
    last = current;
  }
  const distance = last[b.length] ?? 0;
  return distance <= limit ? distance : null;
}
