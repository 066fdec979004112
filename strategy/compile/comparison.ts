/** Comparisons over bound metrics: what a sentence says becomes what a machine compares, or the reason why none can. */
import type { Comparison, MetricProbe, MetricUnit } from '../plan.js';
import { describeDuration } from '../render/duration.js';
import type { ValueAmount } from '../sentence/amount.js';
import { type ComparisonSentence, parseComparisons } from '../sentence/comparison.js';
import { printAmount } from '../sentence/print.js';
import { convert, unitOf } from '../sentence/unit.js';
import type { Window } from '../sentence/window.js';
import type { Classified } from './classified.js';
import type { Compilation } from './compilation.js';
import type { MetricTable } from './metrics.js';
import { type Finding, shorten } from './reporter.js';

/** What a comparison may rely on where it stands. */
export interface Use {
  /** Baselines are measured before the first action of a step: only its checks and what it is watched for have them. */
  readonly baseline: boolean;
  /** An alert condition: it holds when something is wrong. */
  readonly alert: boolean;
}

/** Why no machine reads it, for a person. */
export interface Unread {
  readonly why: string;
}

const ADVICE =
  'Bind the whole sentence under "checks", or write: METRIC < 5 UNIT, with "for 5 minutes" where needed.';

/** What evaluates a sentence that compares bound metrics; open, with the reason, for what is not understood whole. */
export function metricComparison(c: Compilation, text: string, use: Use): Classified {
  const reading = parseComparisons(text);
  switch (reading.kind) {
    case 'none':
      return { kind: 'open' };
    case 'partly': {
      const bound = reading.names.some((name) => c.bindings.metrics.find(name) !== null);
      const why = `the words "${shorten(reading.words)}" are not understood`;
      return bound ? doubtful(text, why) : { kind: 'open' };
    }
    case 'understood':
      return compare(c, text, reading.value, use);
    default:
      return reading satisfies never;
  }
}

function compare(
  c: Compilation,
  text: string,
  sentences: readonly ComparisonSentence[],
  use: Use,
): Classified {
  const { metrics } = c.bindings;
  const names = sentences.map(({ name }) => ({ name, metric: metrics.find(name) }));
  const missing = names.find(({ metric }) => metric === null);
  if (missing !== undefined) {
    const why = `no metric "${shorten(missing.name)}" is bound`;
    return names.some(({ metric }) => metric !== null) ? doubtful(text, why) : { kind: 'open', why };
  }
  const probes: MetricProbe[] = [];
  for (const sentence of sentences) {
    const metric = metrics.find(sentence.name) ?? sentence.name;
    const comparison = comparisonOf(metrics, metric, sentence, use);
    if ('why' in comparison) return doubtful(text, comparison.why);
    c.bindings.used.add(`metrics/${metric}`);
    probes.push({ how: 'metric', metric, comparison });
  }
  const how = [...new Set(probes.map(howOf))].join(' and ');
  const [only, second] = probes;
  if (only !== undefined && second === undefined) return { kind: 'probe', probe: only, how };
  if (new Set(probes.map(({ comparison }) => comparison.overMs)).size > 1) {
    return doubtful(text, 'its comparisons cover different durations');
  }
  return { kind: 'probe', probe: { how: 'all', of: probes }, how };
}

function howOf({ metric, comparison }: MetricProbe): string {
  const { overMs, threshold } = comparison;
  const over = overMs === null ? '' : `, in every sample over ${describeDuration(overMs)}`;
  return `metric ${metric}${threshold.kind === 'baseline' ? ' against its baseline' : ''}${over}`;
}

/** The comparison with a metric in the metric's own unit. */
export function comparisonOf(
  metrics: MetricTable,
  metric: string,
  { operator, amount, window }: Pick<ComparisonSentence, 'operator' | 'amount' | 'window'>,
  use: Use,
): Comparison | Unread {
  const over = overMsOf(metrics, metric, window, use);
  if (over !== null && typeof over === 'object') return over;
  if (amount.kind === 'baseline') {
    if (use.baseline) return { operator, threshold: amount, overMs: over };
    return {
      why: 'a baseline is measured before the first action of a step, and no step belongs to this sentence',
    };
  }
  const unit = metrics.unitOf(metric);
  const value = valueIn(metric, unit, amount);
  if (typeof value === 'object') return value;
  return { operator, threshold: { kind: 'value', value, unit }, overMs: over };
}

/** A value of a sentence in the unit of the metric. */
export function valueIn(metric: string, unit: MetricUnit | null, amount: ValueAmount): number | Unread {
  const { value, unit: written } = amount;
  if (written === null) return bareValue(metric, unit, value);
  if (unit === null) {
    const examples =
      written.dimension === 'share' ? '"percent" or "ratio"' : 'such as "milliseconds" or "bytes"';
    return {
      why: `"${printAmount(amount)}" has a unit and the metric "${metric}" has none: give it "unit", ${examples}`,
    };
  }
  const converted = convert(value, written, unitOf(unit));
  return (
    converted ?? {
      why: `"${printAmount(amount)}" cannot be compared with "${metric}", which is in ${named(unit)}`,
    }
  );
}

/** A number without a unit is taken where it can mean one thing only: "latency < 200" of a metric in seconds cannot. */
function bareValue(metric: string, unit: MetricUnit | null, value: number): number | Unread {
  const size = Math.abs(value);
  const clear =
    unit === null ||
    value === 0 ||
    unit === 'count' ||
    unitOf(unit).dimension === 'rate' ||
    (unit === 'ratio' && size <= 1) ||
    (unit === 'percent' && size >= 1);
  return clear ? value : { why: `"${value}" has no unit, and the metric "${metric}" is in ${named(unit)}` };
}

function named(unit: MetricUnit): string {
  return unit.replaceAll('_', ' ');
}

function overMsOf(
  metrics: MetricTable,
  metric: string,
  window: Window | null,
  { alert }: Use,
): number | null | Unread {
  if (window === null) return null;
  if (window.aggregate === 'every') return window.ms;
  if (metrics.windowOf(metric) === window.ms) return null;
  // When every sample is below a limit, so is their average; an average above one may have samples below it.
  if (!alert) return window.ms;
  return {
    why: `averages cannot be watched sample by sample: give "${metric}" a query that averages, and say so with "window"`,
  };
}

function doubtful(text: string, why: string): Classified {
  const doubt: Finding = {
    code: 'not-understood',
    severity: 'warning',
    message: `no machine reads "${shorten(text)}": ${why}`,
    advice: ADVICE,
  };
  return { kind: 'open', why, doubt };
}
