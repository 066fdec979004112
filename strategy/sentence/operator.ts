/** Operators: "<", "at most", "no more than", "must not exceed". */
import type { Operator } from '../plan.js';
import { type Scanner, wordsPattern } from './scanner.js';

const SYMBOLS: Readonly<Record<string, Operator>> = {
  '<': '<',
  '<=': '<=',
  '≤': '<=',
  '>': '>',
  '>=': '>=',
  '≥': '>=',
  '=': '==',
  '==': '==',
  '!=': '!=',
  '<>': '!=',
  '≠': '!=',
};

const SYMBOL = /[<>=!≤≥≠]+/y;

const WORDS: readonly (readonly [RegExp, Operator])[] = [
  [wordsPattern(['less than or equal to', 'at most', 'up to', 'a maximum of', 'maximum', 'max']), '<='],
  [
    wordsPattern([
      'greater than or equal to',
      'more than or equal to',
      'at least',
      'a minimum of',
      'minimum',
      'min',
    ]),
    '>=',
  ],
  [wordsPattern(['less than', 'lower than', 'fewer than', 'smaller than', 'below', 'under']), '<'],
  [
    wordsPattern([
      'more than',
      'greater than',
      'higher than',
      'larger than',
      'above',
      'over',
      'exceeds?',
      'exceeding',
      'in excess of',
    ]),
    '>',
  ],
  [wordsPattern(['equals', 'equal to', 'exactly']), '=='],
];

const NOT = wordsPattern(['no', 'not', 'not be', 'does not', 'do not', 'cannot']);
const IS = wordsPattern(['is', 'are']);

const OPPOSITES: Readonly<Record<Operator, Operator>> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '==': '!=',
  '!=': '==',
};

/** A symbol is an operator wherever it stands; words are one only in front of an amount. */
export interface FoundOperator {
  readonly operator: Operator;
  readonly symbol: boolean;
}

/** Takes an operator; null when the next token is none. */
export function takeOperator(scanner: Scanner): FoundOperator | null {
  const symbol = scanner.attempt(() => {
    const found = scanner.take(SYMBOL);
    return found === null ? null : (SYMBOLS[found[0]] ?? null);
  });
  if (symbol !== null) return { operator: symbol, symbol: true };
  const word = takeWords(scanner) ?? scanner.attempt(() => takeNegated(scanner));
  if (word !== null) return { operator: word, symbol: false };
  return scanner.take(IS) === null ? null : { operator: '==', symbol: false };
}

function takeNegated(scanner: Scanner): Operator | null {
  const operator = scanner.take(NOT) === null ? null : takeWords(scanner);
  return operator === null ? null : OPPOSITES[operator];
}

function takeWords(scanner: Scanner): Operator | null {
  for (const [words, operator] of WORDS) {
    if (scanner.take(words) !== null) return operator;
  }
  return null;
}
