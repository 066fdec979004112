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
  take(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text);
    if (found !== null) this.#at = sticky.lastIndex;
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

/**
 * What ends a word: no letter, digit or "_" comes next. Ranges in place of `\p{L}\p{N}`: with the flags "iu", those cost
 * 3 ms of start-up in each of some twenty patterns. Beyond ASCII the ranges are generous, except for punctuation.
 */
export const END_OF_WORD = wordEnd('0-9');

/** Likewise, but a digit may follow. */
export const END_OF_LETTERS = wordEnd('');

function wordEnd(digits: string): string {
  return `(?![${digits}A-Za-z_ªµº\\u00c0-\\u1fff\\u2c00-\\u2dff\\u3040-\\udfff\\uf900-\\ufdff])`;
}

/** A sticky pattern, in any case. */
export function pattern(source: string): RegExp {
  return new RegExp(source, 'iy');
}

/** A sticky pattern of whole words, longest alternative first, in any case; blanks between words may be any. */
export function wordsPattern(words: readonly string[]): RegExp {
  const longestFirst = [...words].sort((left, right) => right.length - left.length);
  const alternatives = longestFirst.map((word) => word.replaceAll(' ', '\\s+')).join('|');
  return pattern(`(?:${alternatives})${END_OF_WORD}`);
}
