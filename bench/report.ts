/** What the benchmarks print. */
import { type Comparison, type Goal, isMet, median, ratioOf, type Series } from './measure.js';

/** A few lines per comparison: both series, their ratio, the goal and whether it is met. */
export function describeComparison(comparison: Comparison): string {
  const { name, unit, measured, baseline, goal } = comparison;
  const met = isMet(comparison);
  const verdict = met === null ? '' : ` (goal ${wording(goal)}: ${met ? 'met' : 'MISSED'})`;
  return [
    `${name}: ratio ${ratioOf(comparison).toFixed(2)}${verdict}`,
    line(measured, unit),
    line(baseline, unit),
  ].join('\n');
}

function line({ label, values }: Series, unit: string): string {
  const digits = (value: number) => value.toFixed(value < 100 ? 2 : 0);
  const figures = `min ${digits(Math.min(...values))}  median ${digits(median(values))}  max ${digits(Math.max(...values))}`;
  return `  ${label.padEnd(44)} ${figures}  ${unit}, n=${values.length}`;
}

function wording(goal: Goal): string {
  if (goal === null) return 'none';
  return 'atMost' in goal ? `<= ${goal.atMost}` : `>= ${goal.atLeast}`;
}
