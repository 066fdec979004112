/**
 * Comparisons: "Error rate < 0.1%", "p95 must not exceed 2x baseline for 5 minutes", "p95 < 200ms and p99 < 500ms".
 *
 *     sentence   = comparison { [ "," | ";" | "and" ] comparison } [ "." ]
 *     comparison = name operator amount [ window ]
 *                | name "between" value "and" value [ window ]
 *
 * A sentence is understood whole or not at all: one word too many, and it says which.
 */
import type { Operator } from '../plan.js';
import { type Amount, takeAmount, takeValue } from './amount.js';
import { type FoundOperator, mayHoldOperator, takeOperator } from './operator.js';
import { LONGEST, type Reading } from './reading.js';
import { Scanner, wordsPattern } from './scanner.js';
import { takeWindow, type Window } from './window.js';

export interface ComparisonSentence {
  /** What is compared, as written; empty when the text begins with the operator. */
  readonly name: string;
  readonly operator: Operator;
  readonly amount: Amount;
  readonly window: Window | null;
}

/** Every comparison has one of these and an operator. */
const HINT = /[\d<>=≤≥≠]|baseline|zero/i;
const BETWEEN = wordsPattern(['between']);
const AND = wordsPattern(['and']);
const JOINT = /(?:[,;]\s*(?:and\b)?|&&?|and\b)/iuy;
const END = /[.!]?\s*$/y;
const LEAD = /^(?:the|a|an)\s+/i;
/** "is", "must be", "should stay": they say that it is so, and no more. */
const COPULAS = /(?:\s+(?:is|are|be|must|should|shall|has|have|to|of|stays?|remains?|keeps?|:))+$|:$/i;
/** "drops below 5%" is a level; "drops more than 5%" is a difference, which nothing here measures. */
const MOVEMENT = /\s+(?:drops?|falls?|goes|go|rises?|climbs?)$/i;
const LEVEL = /^(?:below|under|above)$/i;

/** False for a sentence that `parseComparisons` finds none in: most of them, told at a glance. */
export function mayCompare(text: string): boolean {
  return text.length <= LONGEST && HINT.test(text) && (mayHoldOperator(text) || /between/i.test(text));
}

/** Reads the comparisons of a sentence; all of them are meant to hold. */
export function parseComparisons(text: string): Reading<readonly ComparisonSentence[]> {
  if (!mayCompare(text)) return { kind: 'none' };
  const scanner = new Scanner(text);
  const found: ComparisonSentence[] = [];
  const partly = (words: string, more: readonly string[] = []): Reading<never> => {
    const names = [...found.map(({ name }) => name), ...more];
    return { kind: 'partly', words, names };
  };
  for (;;) {
    const { rest } = scanner;
    const next = takeComparison(scanner);
    if (next === null) return found.length === 0 ? { kind: 'none' } : partly(rest);
    if ('after' in next) return partly(next.after, [next.name]);
    if (found.length > 0 && (next[0].name === '' || /^or\b/i.test(next[0].name))) return partly(rest);
    found.push(...next);
    if (scanner.take(END) !== null) return { kind: 'understood', value: found };
    scanner.take(JOINT);
  }
}

type Taken = readonly [ComparisonSentence, ...ComparisonSentence[]];

/** The next comparison; what follows its operator when that is no amount; null when there is no operator. */
function takeComparison(scanner: Scanner): Taken | { readonly name: string; readonly after: string } | null {
  const start = scanner.at;
  for (const place of tokenStarts(scanner.text, start)) {
    scanner.at = place;
    const written = scanner.text.slice(start, place);
    const range = scanner.attempt(() => takeBetween(scanner, nameOf(written)));
    if (range !== null) return range;
    const operator = takeOperator(scanner);
    if (operator === null) continue;
    const level = LEVEL.test(scanner.text.slice(place, scanner.at).trim());
    const name = nameOf(level ? written.trimEnd().replace(MOVEMENT, '') : written);
    const after = scanner.rest;
    const taken = scanner.attempt(() => takeCompared(scanner, name, operator));
    if (taken !== null) return [taken];
    if (operator.symbol) return { name, after };
  }
  scanner.at = start;
  return null;
}

function takeCompared(
  scanner: Scanner,
  name: string,
  { operator }: FoundOperator,
): ComparisonSentence | null {
  const amount = takeAmount(scanner);
  return amount === null ? null : { name, operator, amount, window: takeWindow(scanner) };
}

function takeBetween(scanner: Scanner, name: string): Taken | null {
  if (scanner.take(BETWEEN) === null) return null;
  const low = takeValue(scanner);
  const high = low === null || scanner.take(AND) === null ? null : takeValue(scanner);
  if (low === null || high === null) return null;
  const window = takeWindow(scanner);
  // "between 1 and 5%": the unit stands behind both.
  const lowAmount = { ...low, unit: low.unit ?? high.unit };
  return [
    { name, operator: '>=', amount: lowAmount, window },
    { name, operator: '<=', amount: high, window },
  ];
}

/** Where a word or a symbol begins. */
function* tokenStarts(text: string, from: number): Generator<number> {
  for (let place = from; place < text.length; place++) {
    const before = place === from ? ' ' : text.charAt(place - 1);
    const here = text.charAt(place);
    if (
      /[<>=!≤≥≠]/.test(here)
        ? !/[<>=!≤≥≠]/.test(before)
        : /\p{L}/u.test(here) && !/[\p{L}\p{N}_-]/u.test(before)
    )
      yield place;
  }
}

function nameOf(written: string): string {
  return written.trim().replace(COPULAS, '').replace(LEAD, '').trim();
}
