/** Normal ranges and thresholds of a metric: "0-0.1%", "-5 to 5", "< 200 ms", "100%"; "0.5%", "> 500ms". */
import type { Operator } from '../plan.js';
import { type Amount, takeAmount, takeValue, type ValueAmount } from './amount.js';
import { takeOperator } from './operator.js';
import { LONGEST, type Reading } from './reading.js';
import { END_OF_WORD, pattern, Scanner, wordsPattern } from './scanner.js';
import { takeWindow, type Window } from './window.js';

/** Both ends belong to it; null where it has no end. */
export interface Range {
  readonly low: ValueAmount | null;
  readonly high: ValueAmount | null;
}

export interface ThresholdSentence {
  /** Null when only a value is written. */
  readonly operator: Operator | null;
  readonly amount: Amount;
  readonly window: Window | null;
}

const FROM = wordsPattern(['from', 'between']);
const TO = pattern(`(?:\\.\\.+|…|-|–|—|(?:to|and)${END_OF_WORD})`);
const AROUND = /(?:±|\+\/-)/y;
const OR_MORE = wordsPattern(['or more', 'or above', 'or higher']);
const OR_LESS = wordsPattern(['or less', 'or fewer', 'or below', 'or lower']);

/** Reads a normal range whole. */
export function parseRange(text: string): Reading<Range> {
  return whole(text, (scanner) => {
    const operator = takeOperator(scanner);
    if (operator === null) scanner.take(FROM);
    const first = takeValue(scanner);
    if (first === null) return null;
    if (operator !== null) return halfRange(operator.operator, first);
    if (scanner.take(TO) !== null) {
      const second = takeValue(scanner);
      // "0-0.1%": the unit stands behind both.
      return second === null ? null : ordered({ ...first, unit: first.unit ?? second.unit }, second);
    }
    if (scanner.take(AROUND) !== null) {
      const deviation = takeValue(scanner);
      if (deviation === null || (deviation.unit ?? first.unit) !== (first.unit ?? deviation.unit))
        return null;
      const unit = first.unit ?? deviation.unit;
      const at = (value: number): ValueAmount => ({ kind: 'value', value, unit });
      return { low: at(first.value - deviation.value), high: at(first.value + deviation.value) };
    }
    return orMoreOrLess(scanner, first) ?? { low: first, high: first };
  });
}

/** Reads an alert or critical threshold whole. */
export function parseThreshold(text: string): Reading<ThresholdSentence> {
  return whole(text, (scanner) => {
    const written = takeOperator(scanner)?.operator ?? null;
    const amount = takeAmount(scanner);
    if (amount === null) return null;
    const behind = scanner.take(OR_MORE) !== null ? '>=' : scanner.take(OR_LESS) !== null ? '<=' : null;
    if (written !== null && behind !== null) return null;
    return { operator: written ?? behind, amount, window: takeWindow(scanner) };
  });
}

function whole<T>(text: string, read: (scanner: Scanner) => T | null): Reading<T> {
  if (text.length > LONGEST) return { kind: 'none' };
  const scanner = new Scanner(text.trim());
  const value = scanner.attempt(() => read(scanner));
  if (value !== null && scanner.done) return { kind: 'understood', value };
  return { kind: 'partly', words: scanner.rest, names: [] };
}

function halfRange(operator: Operator, end: ValueAmount): Range | null {
  switch (operator) {
    case '<':
    case '<=':
      return { low: null, high: end };
    case '>':
    case '>=':
      return { low: end, high: null };
    case '==':
      return { low: end, high: end };
    case '!=':
      return null;
    default:
      return operator satisfies never;
  }
}

function orMoreOrLess(scanner: Scanner, end: ValueAmount): Range | null {
  if (scanner.take(OR_MORE) !== null) return { low: end, high: null };
  return scanner.take(OR_LESS) === null ? null : { low: null, high: end };
}

function ordered(first: ValueAmount, second: ValueAmount): Range {
  const factor = (amount: ValueAmount): number => amount.value * (amount.unit?.factor ?? 1);
  return factor(first) <= factor(second) ? { low: first, high: second } : { low: second, high: first };
}
