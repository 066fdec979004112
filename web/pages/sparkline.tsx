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
  if (values.length < 2) return <span class="dim">{last.value ?? wordFor(last)}</span>;
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const points = values
    .map((value, index) => {
      const x = (index / (values.length - 1)) * WIDTH;
      const y = HEIGHT - 1 - ((value - low) / span) * (HEIGHT - 2);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
  const shown = `${last.value ?? 'no data'}`;
  return (
    <span class="spark">
      <svg
        width={WIDTH}
        height={HEIGHT}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${text}: ${values.length} samples, the last ${shown}`}
      >
        <polyline points={points} />
      </svg>{' '}
      {shown}
    </span>
  );
}

function wordFor({ verdict }: StepSample): string {
  if (verdict === 'pass') return 'quiet';
  return verdict === 'fail' ? 'holds now' : 'no data';
}
