/** Numbers as people write them: "1500", "1 500", "1,500.5", "1.500,5", "1'500", "0,5", "-5", "1e-3", "zero". */
import { END_OF_WORD, pattern, type Scanner } from './scanner.js';

/** Nothing of a number may follow: "1.2.3" and "1,50,000" are none. */
const END = "(?![.,'’_]?\\d)";

interface Notation {
  readonly pattern: RegExp;
  /** What parts thousands, and the decimal mark. */
  readonly groups: RegExp;
  readonly decimal: string;
}

function notation(digits: string, groups: RegExp, decimal: string): Notation {
  return { pattern: new RegExp(`[-+−]?(?:${digits})${END}`, 'iy'), groups, decimal };
}

const BLANK = '[ \\u00a0\\u2009\\u202f]';

/** Tried in this order. "1,500" is fifteen hundred, and "1,5" and "0,125" have a decimal comma. */
const NOTATIONS: readonly Notation[] = [
  notation(`\\d{1,3}(?:${BLANK}\\d{3})+\\.\\d+|\\d{1,3}(?:${BLANK}\\d{3})+`, /\s/g, '.'),
  notation(`\\d{1,3}(?:${BLANK}\\d{3})+,\\d+`, /\s/g, ','),
  notation('[1-9]\\d{0,2}(?:,\\d{3})+(?:\\.\\d+)?', /,/g, '.'),
  notation('[1-9]\\d{0,2}(?:\\.\\d{3})+,\\d+|[1-9]\\d{0,2}(?:\\.\\d{3}){2,}', /\./g, ','),
  notation("\\d{1,3}(?:['’_]\\d{3})+(?:\\.\\d+)?", /['’_]/g, '.'),
  notation('\\d+,\\d+', /\s/g, ','),
  notation('\\d+(?:\\.\\d+)?(?:e[-+]?\\d+)?|\\.\\d+', /\s/g, '.'),
];

const ZERO = pattern(`zero${END_OF_WORD}`);

/** Takes a finite number; null when the next token is none. */
export function takeNumber(scanner: Scanner): number | null {
  if (scanner.take(ZERO) !== null) return 0;
  for (const { pattern, groups, decimal } of NOTATIONS) {
    const number = scanner.attempt(() => {
      const found = scanner.take(pattern);
      if (found === null) return null;
      const value = Number(found[0].replace(groups, '').replace(decimal, '.').replace('−', '-'));
      return Number.isFinite(value) ? value : null;
    });
    if (number !== null) return number;
  }
  return null;
}
