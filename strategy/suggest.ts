/** "Did you mean ...?" */
import { distanceWithin } from './edit-distance.js';

/** Longer names are not slips of the hand. */
const MAX_LENGTH = 80;

/**
 * The candidate that was probably meant, or null when none is close.
 *
 * Close means: equal but for case, space, "_" and "-", or at most a third of the letters away, counting an insertion, a
 * deletion, a replacement or a swap of neighbours as one.
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
