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

const VOCABULARY: readonly (readonly [readonly string[], Operator])[] = [
  [['less than or equal to', 'at most', 'up to', 'a maximum of', 'maximum', 'max'], '<='],
  [['greater than or equal to', 'more than or equal to', 'at least', 'a minimum of', 'minimum', 'min'], '>='],
  [['less than', 'lower than', 'fewer than', 'smaller than', 'below', 'under'], '<'],
  [
    [
      'more than',
      'greater than',
      'higher than',
      'larger than',
      'above',
      'over',
      'exceeds?',
      'exceeding',
      'in excess of',
    ],
    '>',
  ],
  [['equals', 'equal to', 'exactly'], '=='],
];
const COPULA = ['is', 'are'];

const WORDS = VOCABULARY.map(([words, operator]) => [wordsPattern(words), operator] as const);
const NOT = wordsPattern(['no', 'not', 'not be', 'does not', 'do not', 'cannot']);
const IS = wordsPattern(COPULA);

/** Where an operator may begin; a negation is one only in front of another. */
const ANYWHERE = new RegExp(
  [SYMBOL.source, ...VOCABULARY.flatMap(([words]) => words), ...COPULA].join('|').replaceAll(' ', '\\s+'),
  'iu',
);

/** False for a text without any operator: most sentences, which need not be walked through. */
export function mayHoldOperator(text: string): boolean {
  return ANYWHERE.test(text);
}

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
