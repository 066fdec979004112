/** "Error rate < 0.1%": a name, an operator, a number. */
import type { Comparison, Operator } from '../plan.js';
import { convert, type MetricUnit, unitOf } from '../sentence/unit.js';

export interface ComparisonSentence {
  /** What is compared, as written; empty when the text begins with the operator. */
  readonly name: string;
  readonly written: Written;
  /** What follows the value and its unit. */
  readonly trailing: string;
}

export interface Written {
  readonly operator: Operator;
  readonly value: number;
  /** True when the sentence says "%". */
  readonly percent: boolean;
}

/** The comparison with a metric of this unit. */
export function comparisonIn({ operator, value, percent }: Written, unit: MetricUnit | null): Comparison {
  const converted = percent && unit !== null ? convert(value, unitOf('percent'), unitOf(unit)) : value;
  return { operator, threshold: { kind: 'value', value: converted ?? value, unit }, overMs: null };
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  '<': '<',
  '<=': '<=',
  '≤': '<=',
  '>': '>',
  '>=': '>=',
  '≥': '>=',
  '=': '==',
  '==': '==',
  '!=': '!=',
  '≠': '!=',
};

const OPERATOR = /<=|>=|==|!=|[<>=≤≥≠]/;
/** The number, then "%" or one word as unit, such as "ms"; then anything that is set apart by a space. */
const VALUE =
  /^\s*(-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)\s?(%|[a-zµ]+(?:\/[a-z]+)?)?(?=\s|$)(.*)$/is;

/** Null when the text is not a comparison with a number. */
export function parseComparison(text: string): ComparisonSentence | null {
  if (text.length > 500) return null;
  const found = OPERATOR.exec(text);
  if (found === null) return null;
  const operator = OPERATORS[found[0]];
  const value = VALUE.exec(text.slice(found.index + found[0].length));
  if (operator === undefined || value === null) return null;
  const [, digits = '', unit, trailing = ''] = value;
  const number = Number(digits.replaceAll(',', ''));
  if (!Number.isFinite(number)) return null;
  return {
    name: text.slice(0, found.index).trim(),
    written: { operator, value: number, percent: unit === '%' },
    // "5 for 2 days" has no unit called "for".
    trailing: (unit !== undefined && qualifies(unit) ? unit + trailing : trailing).trim(),
  };
}

/** Words after the value that make it another sentence: "for 48 hours" is not what one sample can tell. */
export function qualifies(trailing: string): boolean {
  return /^(?:for|over|during|within|after|until|since|per|in|on|between|and|or|unless|except|when|while|if)\b/i.test(
    trailing,
  );
}

/** The numbers of a threshold or range such as "0.5%", "0-0.1%" or "< 200 ms", and whether it says "%". */
export function parseNumbers(text: string): {
  readonly numbers: readonly number[];
  readonly percent: boolean;
} {
  const numbers = [...text.slice(0, 200).matchAll(/(?<![\w.])\d+(?:\.\d+)?/g)].map(([digits]) =>
    Number(digits),
  );
  return { numbers, percent: text.includes('%') };
}
