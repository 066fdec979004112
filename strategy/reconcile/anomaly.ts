/**
 * Columns whose values are distributed otherwise in the target than in the source: evidence for people, which corrects nothing. A number
 * counts as unusual at a robust z of more than 3.5 (Iglewicz and Hoaglin): its distance from that of the source, in median
 * absolute deviations of the source. A share counts as unusual at as many standard errors.
 */

/** What is known of one column on one side. Values are numbers, seconds since 1970, or lengths of texts. */
export interface ColumnStats {
  readonly column: string;
  readonly of: 'values' | 'lengths';
  readonly rows: number;
  /** Rows that are not NULL. */
  readonly filled: number;
  readonly distinct: number;
  /** Of the most frequent value. */
  readonly topRows: number;
  /** Tells most frequent values apart; null without any. */
  readonly topHash: string | null;
  /** Null without a value. */
  readonly spread: Spread | null;
}

export interface Spread {
  readonly min: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
  readonly max: number;
  /** The median absolute deviation. */
  readonly deviation: number;
}

const UNUSUAL = 3.5;
/** Makes the median absolute deviation of a normal distribution its standard deviation. */
const NORMAL = 1.4826;
/** Of fewer rows nothing is said. */
const ENOUGH = 30;
/** A most frequent value of a smaller share is chance. */
const FREQUENT = 0.05;

/** A line per finding; `target` has the same columns in the same order. */
export function anomaliesOf(
  table: string,
  source: readonly ColumnStats[],
  target: readonly ColumnStats[],
): readonly string[] {
  return source.flatMap((there, index) => {
    const here = target[index];
    if (here === undefined || there.rows < ENOUGH || here.rows < ENOUGH) return [];
    return [...shares(there, here), ...spreads(there, here)].map(
      (what) => `${table}.${there.column}: ${what}`,
    );
  });
}

function shares(there: ColumnStats, here: ColumnStats): readonly string[] {
  const pairs = [
    ['NULL', there.rows - there.filled, here.rows - here.filled],
    ['distinct values', there.distinct, here.distinct],
    ['the most frequent value', there.topRows, here.topRows],
  ] as const;
  const found = pairs.flatMap(([what, left, right]) => {
    const z = zOfShares(left, there.rows, right, here.rows);
    if (z <= UNUSUAL) return [];
    return [`share of ${what} ${percent(left / there.rows)} -> ${percent(right / here.rows)} (z ${text(z)})`];
  });
  const frequent = [there, here].every(
    ({ topRows, rows, distinct }) => distinct > 1 && topRows / rows > FREQUENT,
  );
  const other = frequent && there.topHash !== here.topHash ? ['another value is the most frequent one'] : [];
  return [...found, ...other];
}

function zOfShares(left: number, leftRows: number, right: number, rightRows: number): number {
  const share = (left + right) / (leftRows + rightRows);
  const error = Math.sqrt(share * (1 - share) * (1 / leftRows + 1 / rightRows));
  return error === 0 ? 0 : Math.abs(left / leftRows - right / rightRows) / error;
}

function spreads({ spread: left, of }: ColumnStats, { spread: right }: ColumnStats): readonly string[] {
  if (left === null || right === null) return [];
  const unit = left.deviation * NORMAL;
  const names = {
    min: 'least',
    low: '5 % quantile',
    median: 'median',
    high: '95 % quantile',
    max: 'greatest',
  } as const;
  return (['min', 'low', 'median', 'high', 'max'] as const).flatMap((key) => {
    const distance = Math.abs(right[key] - left[key]);
    // Without any deviation, whatever is apart is unusual.
    const z = distance === 0 ? 0 : unit === 0 ? Number.POSITIVE_INFINITY : distance / unit;
    if (!(z > UNUSUAL)) return [];
    const what = of === 'lengths' ? `${names[key]} length` : names[key];
    return [`${what} ${text(left[key])} -> ${text(right[key])} (robust z ${text(z)})`];
  });
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function text(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : 'without bound';
}
