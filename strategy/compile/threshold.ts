/** The thresholds of `migration_monitoring`: which way is bad, and what happens when a metric gets there. */
import { nonBlank } from '../document.js';
import type { Comparison, Operator, WatchCondition } from '../plan.js';
import { below } from '../pointer.js';
import { printAmount, printComparison } from '../sentence/print.js';
import { parseRange, parseThreshold, type ThresholdSentence } from '../sentence/range.js';
import { comparisonOf, valueIn } from './comparison.js';
import type { Compilation } from './compilation.js';

export interface Monitored {
  readonly normal_range?: string | null | undefined;
  readonly alert_threshold?: string | null | undefined;
  readonly critical_threshold?: string | null | undefined;
}

type Kind = 'alert' | 'critical';
const KINDS: readonly Kind[] = ['alert', 'critical'];

interface Bounds {
  readonly low: number;
  readonly high: number;
}

interface Threshold extends ThresholdSentence {
  readonly kind: Kind;
  readonly pointer: string;
  /** In the metric's own unit; null for a multiple of the baseline. */
  readonly value: number | null;
}

/** Which way is bad, and from what that is known; an empty source when the threshold says it itself. */
interface Direction {
  readonly operator: Operator;
  readonly source: string;
}

/** One condition per threshold that is understood; the others are warned of. */
export function thresholdConditions(
  c: Compilation,
  pointer: string,
  name: string,
  metric: string,
  monitored: Monitored,
): readonly WatchCondition[] {
  const bounds = boundsOf(c, pointer, metric, monitored);
  const thresholds = KINDS.flatMap((kind) => thresholdOf(c, pointer, metric, kind, monitored));
  return thresholds.flatMap((threshold) => {
    const direction = directionOf(threshold, thresholds, bounds);
    if (direction === null) {
      warn(c, threshold.pointer, {
        message: `"${printAmount(threshold.amount)}" does not say whether more or less of "${name}" is bad, so it is not watched`,
        advice: 'Write "> 0.5%" or "< 99%", or give the metric a normal_range such as "0-0.1%".',
      });
      return [];
    }
    const sentence = { ...threshold, operator: direction.operator };
    const comparison = comparisonOf(c.bindings.metrics, metric, sentence, { baseline: true, alert: true });
    if ('why' in comparison) {
      unread(c, threshold.pointer, comparison.why);
      return [];
    }
    if (bounds !== null && firesWithin(comparison, bounds)) {
      warn(c, threshold.pointer, {
        message: `the ${threshold.kind} threshold "${printComparison({ ...sentence, name: '' })}" fires within the normal range, so it is not watched`,
        advice: 'Correct the threshold or the normal_range.',
      });
      return [];
    }
    return [conditionOf(name, metric, threshold, direction, comparison)];
  });
}

function conditionOf(
  name: string,
  metric: string,
  threshold: Threshold,
  { operator, source }: Direction,
  comparison: Comparison,
): WatchCondition {
  const inferred = source === '' ? '' : `, direction from ${source}`;
  return {
    text: `${printComparison({ ...threshold, name, operator })} (${threshold.kind} threshold${inferred})`,
    probe: { how: 'metric', metric, comparison },
    level: null,
    onFire: threshold.kind === 'alert' ? 'notify' : 'fail',
  };
}

function thresholdOf(
  c: Compilation,
  pointer: string,
  metric: string,
  kind: Kind,
  monitored: Monitored,
): readonly Threshold[] {
  const key = `${kind}_threshold` as const;
  const text = nonBlank(monitored[key]);
  if (text === null) return [];
  const at = below(pointer, key);
  const reading = parseThreshold(text);
  if (reading.kind !== 'understood') {
    unread(c, at, `"${text}" is not understood`);
    return [];
  }
  const { amount } = reading.value;
  if (amount.kind === 'baseline') return [{ ...reading.value, kind, pointer: at, value: null }];
  const value = valueIn(metric, c.bindings.metrics.unitOf(metric), amount);
  if (typeof value === 'number') return [{ ...reading.value, kind, pointer: at, value }];
  unread(c, at, value.why);
  return [];
}

/** The normal range in the metric's own unit; null without one, or when it is not understood. */
function boundsOf(c: Compilation, pointer: string, metric: string, monitored: Monitored): Bounds | null {
  const text = nonBlank(monitored.normal_range);
  if (text === null) return null;
  const at = below(pointer, 'normal_range');
  const reading = parseRange(text);
  if (reading.kind !== 'understood') {
    unread(c, at, `"${text}" is not understood`);
    return null;
  }
  const unit = c.bindings.metrics.unitOf(metric);
  const { low, high } = reading.value;
  const lowest = low === null ? Number.NEGATIVE_INFINITY : valueIn(metric, unit, low);
  const highest = high === null ? Number.POSITIVE_INFINITY : valueIn(metric, unit, high);
  if (typeof lowest === 'number' && typeof highest === 'number') return { low: lowest, high: highest };
  for (const end of [lowest, highest]) {
    if (typeof end !== 'number') unread(c, at, end.why);
  }
  return null;
}

/** As written; else away from the normal range; else as the other threshold says; else from the milder to the graver one. */
function directionOf(
  threshold: Threshold,
  thresholds: readonly Threshold[],
  bounds: Bounds | null,
): Direction | null {
  const { operator, value, kind } = threshold;
  if (operator !== null) return { operator, source: '' };
  if (value === null) return null;
  if (bounds !== null) {
    const above = value >= bounds.high;
    const beneath = value <= bounds.low;
    if (above === beneath) return null;
    return { operator: above ? '>' : '<', source: 'the normal range' };
  }
  const other = thresholds.find((each) => each.kind !== kind);
  if (other === undefined) return null;
  if (other.operator !== null) {
    const operator = strict(other.operator);
    return operator === null ? null : { operator, source: `the ${other.kind} threshold` };
  }
  if (other.value === null || other.value === value) return null;
  const critical = kind === 'critical' ? value : other.value;
  const alert = kind === 'critical' ? other.value : value;
  return { operator: critical > alert ? '>' : '<', source: 'the two thresholds' };
}

function strict(operator: Operator): '<' | '>' | null {
  switch (operator) {
    case '<':
    case '<=':
      return '<';
    case '>':
    case '>=':
      return '>';
    case '==':
    case '!=':
      return null;
    default:
      return operator satisfies never;
  }
}

/** True when the condition holds somewhere strictly inside the normal range. */
function firesWithin({ operator, threshold }: Comparison, { low, high }: Bounds): boolean {
  if (threshold.kind !== 'value') return false;
  const { value } = threshold;
  switch (strict(operator)) {
    case '>':
      return value < high;
    case '<':
      return value > low;
    default:
      return value >= low && value <= high;
  }
}

function unread(c: Compilation, pointer: string, why: string): void {
  warn(c, pointer, {
    message: `${why}, so it is not watched`,
    advice:
      'Write a number with its unit, such as "0.5%" or "> 500 ms", and give the bound metric the "unit" it has.',
  });
}

function warn(
  c: Compilation,
  pointer: string,
  { message, advice }: { message: string; advice: string },
): void {
  c.report(pointer, { code: 'unclear-threshold', severity: 'warning', message, advice });
}
