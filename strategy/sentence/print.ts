/** A comparison as a sentence again, in its shortest form; it reads as the same. */
import type { Amount } from './amount.js';
import type { ComparisonSentence } from './comparison.js';

const DAY_MS = 86_400_000;
const TIMES: readonly (readonly [string, number])[] = [
  ['days', DAY_MS],
  ['hours', 3_600_000],
  ['minutes', 60_000],
  ['seconds', 1000],
  ['ms', 1],
];

export function printComparison({ name, operator, amount, window }: ComparisonSentence): string {
  const over =
    window === null
      ? ''
      : ` ${window.aggregate === 'average' ? 'averaged over' : 'for'} ${printDuration(window.ms)}`;
  return `${name} ${operator} ${printAmount(amount)}${over}`.trim();
}

export function printAmount(amount: Amount): string {
  if (amount.kind === 'baseline') return `${amount.factor} x baseline`;
  const { value, unit } = amount;
  if (unit === null) return String(value);
  const blank = unit.dimension === 'share' || unit.symbol.startsWith('/') ? '' : ' ';
  return `${value}${blank}${unit.symbol}`;
}

/** Exact, in the largest unit of which it is a multiple. */
export function printDuration(ms: number): string {
  const [name, factor] = TIMES.find(([, each]) => ms % each === 0 && ms >= each) ?? ['ms', 1];
  return `${ms / factor} ${name}`;
}
