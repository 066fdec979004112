/** Whether a name is another one mistyped. */
import { distanceWithin } from './edit-distance.js';

/** Shorter words have too many neighbours. */
const SHORTEST = 4;
/** From this length on two slips may be made. */
const LONG = 10;

/**
 * The candidate of which a name is a slip of the hand: one letter too many, too few, wrong, or two exchanged; two such
 * slips in ten letters or more. Case, space, "_" and "-" do not count. The first letter and the numbers must be the
 * same: STEP-2 is not STEP-1 mistyped, and few slips are made at the first letter. Null without a match, or when the name is itself a candidate.
 */
export function slip(found: string, candidates: Iterable<string>): string | null {
  const wanted = fold(found);
  if (wanted.length < SHORTEST) return null;
  const limit = wanted.length < LONG ? 1 : 2;
  const numbers = digitsOf(wanted);
  const letters = lettersOf(wanted);
  let best: { readonly candidate: string; readonly distance: number } | null = null;
  for (const candidate of candidates) {
    const other = fold(candidate);
    if (other === wanted) return null;
    if (Math.abs(other.length - wanted.length) > limit || other.length < SHORTEST) continue;
    if (other.charCodeAt(0) !== wanted.charCodeAt(0)) continue;
    // A slip adds or removes at most two kinds of letters: this spares nearly all distances.
    if (bitsIn(letters ^ lettersOf(other)) > 2 * limit || digitsOf(other) !== numbers) continue;
    const distance = distanceWithin(wanted, other, limit);
    if (distance !== null && (best === null || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate ?? null;
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}

function digitsOf(text: string): string {
  return text.replace(/\D+/g, ' ').trim();
}

/** The set of letters in a text, one bit each. */
function lettersOf(text: string): number {
  let set = 0;
  for (let at = 0; at < text.length; at += 1) set |= 1 << (text.charCodeAt(at) & 31);
  return set;
}

function bitsIn(set: number): number {
  let rest = set;
  let count = 0;
  while (rest !== 0) {
    rest &= rest - 1;
    count += 1;
  }
  return count;
}
