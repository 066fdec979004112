/** Units: what a bound metric counts in, and what a sentence says. Values are converted between units of one dimension. */

export type Dimension = 'share' | 'time' | 'size' | 'count' | 'rate' | 'throughput';

/** How many of the smallest unit of its dimension one of it is. */
export interface Unit {
  readonly dimension: Dimension;
  readonly factor: number;
}

const SECOND = 1e9;
const KIB = 1024;

/** What `unit` of a metric in the bindings may say, with the symbol by which people read it. */
const METRIC_UNITS = {
  percent: { dimension: 'share', factor: 1, symbol: '%' },
  ratio: { dimension: 'share', factor: 100, symbol: '' },
  nanoseconds: { dimension: 'time', factor: 1, symbol: ' ns' },
  microseconds: { dimension: 'time', factor: 1e3, symbol: ' µs' },
  milliseconds: { dimension: 'time', factor: 1e6, symbol: ' ms' },
  seconds: { dimension: 'time', factor: SECOND, symbol: ' s' },
  minutes: { dimension: 'time', factor: 60 * SECOND, symbol: ' min' },
  hours: { dimension: 'time', factor: 3600 * SECOND, symbol: ' h' },
  days: { dimension: 'time', factor: 86_400 * SECOND, symbol: ' d' },
  bytes: { dimension: 'size', factor: 1, symbol: ' B' },
  kilobytes: { dimension: 'size', factor: 1e3, symbol: ' kB' },
  megabytes: { dimension: 'size', factor: 1e6, symbol: ' MB' },
  gigabytes: { dimension: 'size', factor: 1e9, symbol: ' GB' },
  terabytes: { dimension: 'size', factor: 1e12, symbol: ' TB' },
  kibibytes: { dimension: 'size', factor: KIB, symbol: ' KiB' },
  mebibytes: { dimension: 'size', factor: KIB ** 2, symbol: ' MiB' },
  gibibytes: { dimension: 'size', factor: KIB ** 3, symbol: ' GiB' },
  tebibytes: { dimension: 'size', factor: KIB ** 4, symbol: ' TiB' },
  count: { dimension: 'count', factor: 1, symbol: '' },
  per_second: { dimension: 'rate', factor: 3600, symbol: '/s' },
  per_minute: { dimension: 'rate', factor: 60, symbol: '/min' },
  per_hour: { dimension: 'rate', factor: 1, symbol: '/h' },
  bytes_per_second: { dimension: 'throughput', factor: 1, symbol: ' B/s' },
  kilobytes_per_second: { dimension: 'throughput', factor: 1e3, symbol: ' kB/s' },
  megabytes_per_second: { dimension: 'throughput', factor: 1e6, symbol: ' MB/s' },
  gigabytes_per_second: { dimension: 'throughput', factor: 1e9, symbol: ' GB/s' },
} as const satisfies Readonly<Record<string, Unit & { readonly symbol: string }>>;

/** What the values of a bound metric are. */
export type MetricUnit = keyof typeof METRIC_UNITS;

/** The unit of a metric as one that values can be converted to. */
export function unitOf(metric: MetricUnit): Unit {
  return METRIC_UNITS[metric];
}

/** `value`, said in `from`, as a number of `to`; null when the two measure different things. */
export function convert(value: number, from: Unit, to: Unit): number | null {
  if (from.dimension !== to.dimension) return null;
  // 12 digits: 0.1 % of a ratio is 0.001, and not 0.0010000000000000002.
  return from.factor === to.factor ? value : Number(((value * from.factor) / to.factor).toPrecision(12));
}

/** A value of a metric as people read it: a ratio in percent, the others with their symbol. */
export function describeValue(value: number, unit: MetricUnit | null): string {
  if (unit === null) return String(value);
  if (unit === 'ratio') return `${Number((value * 100).toPrecision(12))}%`;
  return `${value}${METRIC_UNITS[unit].symbol}`;
}
