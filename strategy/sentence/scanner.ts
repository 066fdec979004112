/** Walks over a sentence from left to right, one token at a time, and can go back to where it was. */
export class Scanner {
  #at = 0;

  constructor(readonly text: string) {}

  /** The place of the next token, after blanks. */
  get at(): number {
    while (/\s/.test(this.text.charAt(this.#at))) this.#at += 1;
    return this.#at;
  }

  set at(place: number) {
    this.#at = place;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** What has not been understood so far. */
  get rest(): string {
    return this.text.slice(this.at).trim();
  }

  /** Takes the next token when it matches; the pattern is sticky ("y"), so that nothing is passed over. */
  take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  /** Takes all of what `read` reads, or nothing of it. */
  attempt<T>(read: () => T | null): T | null {
    const before = this.#at;
    const value = read();
    if (value === null) this.#at = before;
    return value;
  }
}

/** A sticky pattern of whole words, longest alternative first, in any case; blanks between words may be any. */
export function wordsPattern(words: readonly string[]): RegExp {
  const longestFirst = [...words].sort((left, right) => right.length - left.length);
  const alternatives = longestFirst.map((word) => word.replaceAll(' ', '\\s+')).join('|');
  return new RegExp(`(?:${alternatives})(?![\\p{L}\\p{N}_])`, 'iuy');
}
