import type { StepSample } from '../../strategy/run/progress.js';

const WIDTH = 120;
const HEIGHT = 20;

/** The latest samples of one condition or metric as a line, with the last value as text; words where there are no numbers. */
export function Sparkline({
  text,
  samples,
}: {
  readonly text: string;
  readonly samples: readonly StepSample[];
}) {
  const last = samples.at(-1);
  const values = samples.flatMap(({ value }) => (value === null ? [] : [value]));
  if (last === undefined) return null;
  if (values.length < 2)
    return <span class="dim">{last.value === null ? wordFor(last) : figure(last.value)}</span>;
  const { limit } = last;
  // A limit far away would flatten the line: then words have to do.
  const near = limit !== undefined && isNear(values, limit) ? [limit] : [];
  const low = Math.min(...values, ...near);
  const span = Math.max(...values, ...near) - low || 1;
  const height = (value: number): string => (HEIGHT - 1 - ((value - low) / span) * (HEIGHT - 2)).toFixed(1);
  const points = values
    .map((value, index) => {
      const x = (index / (values.length - 1)) * WIDTH;
      return `${x.toFixed(1)},${height(value)}`;
    })
    .join(' ');
  const shown = last.value === null ? 'no data' : figure(last.value);
  const against = limit === undefined ? '' : `, limit ${figure(limit)}`;
  return (
    <span class="spark">
      <svg
        width={WIDTH}
        height={HEIGHT}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${text}: ${values.length} samples, the last ${shown}${against}`}
      >
        {near.map((value) => (
          <line class="limit" x1="0" x2={WIDTH} y1={height(value)} y2={height(value)} />
        ))}
        <polyline points={points} />
      </svg>{' '}
      <span class="last">
        {shown}
        {limit !== undefined && <span class="dim"> limit {figure(limit)}</span>}
      </span>
    </span>
  );
}

function wordFor({ verdict }: StepSample): string {
  if (verdict === 'pass') return 'quiet';
  return verdict === 'fail' ? 'holds now' : 'no data';
}

/** Four digits: a line of 20 pixels shows no more. */
function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** No further from the samples than thrice what they span, or than the largest of them. */
function isNear(values: readonly number[], limit: number): boolean {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const reach = 3 * Math.max(high - low, Math.abs(high), Math.abs(low));
  return limit >= low - reach && limit <= high + reach;
}
