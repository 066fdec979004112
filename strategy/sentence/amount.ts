/** What a metric is compared with: "200 ms", "0.1%", "2x baseline", "10% above the baseline". */
import { takeNumber } from './number.js';
import { END_OF_WORD, pattern, type Scanner, wordsPattern } from './scanner.js';
import { takeUnit, type WrittenUnit } from './unit-words.js';

export type Amount =
  | { readonly kind: 'value'; readonly value: number; readonly unit: WrittenUnit | null }
  | { readonly kind: 'baseline'; readonly factor: number };

export type ValueAmount = Extract<Amount, { kind: 'value' }>;

const BASELINE = pattern(`(?:the\\s+|its\\s+)?baseline${END_OF_WORD}`);
const TIMES = pattern(`(?:x|×|\\*|times)${END_OF_WORD}`);
const PERCENT = pattern(`(?:%|percent${END_OF_WORD})`);
const OF = wordsPattern(['of']);
const PLUS = pattern(`(?:\\+|plus${END_OF_WORD})`);
const MINUS = pattern(`(?:-|−|minus${END_OF_WORD})`);
const ABOVE = wordsPattern(['above', 'over', 'higher than', 'more than', 'greater than']);
const BELOW = wordsPattern(['below', 'under', 'lower than', 'less than']);
const FOLDS: readonly (readonly [RegExp, number])[] = [
  [wordsPattern(['twice', 'double']), 2],
  [wordsPattern(['triple', 'three times']), 3],
  [wordsPattern(['half', 'half of']), 0.5],
];

/** Takes a multiple of the baseline, else a value with its unit; null when neither comes next. */
export function takeAmount(scanner: Scanner): Amount | null {
  const factor = scanner.attempt(() => takeFactor(scanner));
  if (factor !== null) return { kind: 'baseline', factor: rounded(factor) };
  return takeValue(scanner);
}

/** Takes a number with its unit, if it has one. */
export function takeValue(scanner: Scanner): ValueAmount | null {
  const value = takeNumber(scanner);
  return value === null ? null : { kind: 'value', value, unit: takeUnit(scanner) };
}

function takeFactor(scanner: Scanner): number | null {
  if (scanner.take(BASELINE) !== null) return 1 + takeDeviation(scanner);
  for (const [words, factor] of FOLDS) {
    if (scanner.take(words) !== null) return scanner.take(BASELINE) === null ? null : factor;
  }
  const number = takeNumber(scanner);
  if (number === null) return null;
  if (scanner.take(TIMES) !== null) return scanner.take(BASELINE) === null ? null : number;
  if (scanner.take(PERCENT) === null) return null;
  const sign = scanner.take(OF) !== null ? 0 : scanner.take(ABOVE) !== null ? 1 : takeBelow(scanner);
  if (sign === null || scanner.take(BASELINE) === null) return null;
  return sign === 0 ? number / 100 : 1 + (sign * number) / 100;
}

function takeBelow(scanner: Scanner): -1 | null {
  return scanner.take(BELOW) === null ? null : -1;
}

/** "baseline + 10%": 0.1. Nothing behind the baseline: 0. */
function takeDeviation(scanner: Scanner): number {
  const deviation = scanner.attempt(() => {
    const sign = scanner.take(PLUS) !== null ? 1 : scanner.take(MINUS) !== null ? -1 : null;
    const percent = sign === null ? null : takeNumber(scanner);
    return sign === null || percent === null || scanner.take(PERCENT) === null
      ? null
      : (sign * percent) / 100;
  });
  return deviation ?? 0;
}

function rounded(factor: number): number {
  return Number(factor.toPrecision(12));
}
