/** Stands for a distance outside the band, which is above every limit. */
const FAR = Number.POSITIVE_INFINITY;

/**
 * How many insertions, deletions, replacements and swaps of neighbours lie between two texts (Damerau's distance with
 * optimal string alignment); null when more than `limit`. Rows that are already too far end the count early.
 */
export function distanceWithin(a: string, b: string, limit: number): number | null {
  if (Math.abs(a.length - b.length) > limit) return null;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    // Further from the diagonal than `limit`, every distance is above it: long texts cost what their length does.
    const from = Math.max(1, row - limit);
    const to = Math.min(b.length, row + limit);
    const current: number[] = [];
    if (from === 1) current[0] = row;
    let smallest = row;
    for (let column = from; column <= to; column++) {
      const isSame = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (last[column] ?? FAR) + 1,
        (current[column - 1] ?? FAR) + 1,
        (last[column - 1] ?? FAR) + (isSame ? 0 : 1),
      );
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) cost = Math.min(cost, (beforeLast[column - 2] ?? FAR) + 1);
      current[column] = cost;
      smallest = Math.min(smallest, cost);
    }
    if (smallest > limit) return null;
    beforeLast = last;
    last = current;
  }
  const distance = last[b.length] ?? FAR;
  return distance <= limit ? distance : null;
}
