/** Whether a name is another one mistyped. */
import { distanceWithin } from './edit-distance.js';

/** Shorter words have too many neighbours. */
const SHORTEST = 4;
/** From this length on two slips may be made. */
const LONG = 10;

/**
 * Names of which others may be slips of the hand. Made once and asked often: a strategy has thousands of ids, and thousands
 * of sentences with words in them.
 */
export class SlipIndex {
  /** Folded. */
  readonly #known = new Set<string>();
  /** By what a slip leaves as it is, and by length: what is compared at all has both in common, or nearly. */
  readonly #alike = new Map<string, Map<number, Candidate[]>>();
  readonly #answers = new Map<string, string | null>();

  constructor(names: Iterable<string>) {
    let place = 0;
    for (const name of names) {
      const folded = fold(name);
      this.#known.add(folded);
      if (folded.length < SHORTEST) continue;
      const key = keyOf(folded);
      const lengths = this.#alike.get(key) ?? new Map<number, Candidate[]>();
      this.#alike.set(key, lengths);
      const candidates = lengths.get(folded.length) ?? [];
      lengths.set(folded.length, candidates);
      candidates.push({ name, folded, letters: lettersOf(folded), place });
      place += 1;
    }
  }

  /**
   * The name of which `found` is a slip of the hand: one letter too many, too few, wrong, or two exchanged; two such
   * slips in ten letters or more. Case, space, "_" and "-" do not count. The first letter and the numbers must be the
   * same: STEP-2 is not STEP-1 mistyped, and few slips are made at the first letter. Null without a match, or when it is itself
   * one of the names.
   */
  meant(found: string): string | null {
    if (this.#alike.size === 0) return null;
    const wanted = fold(found);
    if (wanted.length < SHORTEST) return null;
    const answered = this.#answers.get(wanted);
    if (answered !== undefined) return answered;
    const answer = this.#known.has(wanted) ? null : this.#closest(wanted);
    this.#answers.set(wanted, answer);
    return answer;
  }

  /** Of those that are equally close, the one that was named first. */
  #closest(wanted: string): string | null {
    const lengths = this.#alike.get(keyOf(wanted));
    if (lengths === undefined) return null;
    const limit = wanted.length < LONG ? 1 : 2;
    const letters = lettersOf(wanted);
    let best: { readonly name: string; readonly distance: number; readonly place: number } | null = null;
    for (let length = wanted.length - limit; length <= wanted.length + limit; length += 1) {
      for (const { name, folded, letters: other, place } of lengths.get(length) ?? []) {
        // A slip adds or removes at most two kinds of letters: this spares nearly all distances.
        if (bitsIn(letters ^ other) > 2 * limit) continue;
        const distance = distanceWithin(wanted, folded, best?.distance ?? limit);
        if (distance === null) continue;
        if (best === null || distance < best.distance || place < best.place) best = { name, distance, place };
      }
    }
    return best?.name ?? null;
  }
}

interface Candidate {
  readonly name: string;
  readonly folded: string;
  readonly letters: number;
  readonly place: number;
}

/** For what is asked once: see `SlipIndex`. */
export function slip(found: string, candidates: Iterable<string>): string | null {
  return new SlipIndex(candidates).meant(found);
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}

/** The first letter and the numbers. */
function keyOf(folded: string): string {
  return `${folded.charAt(0)} ${folded.replace(/\D+/g, ' ').trim()}`;
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
