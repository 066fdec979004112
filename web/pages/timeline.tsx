/** When each step ran and each open question waits, on one scale. */
import { duration } from '../../strategy/render/elapsed.js';
import { glyph, type Tone } from '../../strategy/run/labels.js';
import type { MigrationView } from '../../strategy/run/view.js';
import type { Drawn } from './step-row.js';

/** Rows: the latest ones. */
const MOST = 40;
const WIDTH = 1000;

interface Bar {
  readonly id: string;
  readonly tone: Tone;
  readonly from: number;
  readonly to: number;
}

export function Timeline({ view, now }: Drawn) {
  const bars = barsOf(view, now);
  const start = Date.parse(view.startedAt);
  const whole = Math.max(1, (view.endedAt === null ? now : Date.parse(view.endedAt)) - start);
  const at = (time: number): number => Math.min(WIDTH, Math.max(0, ((time - start) / whole) * WIDTH));
  if (bars.length === 0) return null;
  return (
    <section id="timeline" aria-labelledby="timeline-title" class="panel">
      <h2 id="timeline-title">Timeline</h2>
      <ol class="timeline">
        {bars.slice(-MOST).map(({ id, tone, from, to }) => (
          <li>
            <code>{id}</code>
            <svg
              class={tone}
              viewBox={`0 0 ${WIDTH} 10`}
              preserveAspectRatio="none"
              aria-hidden="true"
              focusable="false"
            >
              <rect class="track" width={WIDTH} height="10" />
              <rect x={at(from).toFixed(1)} width={Math.max(4, at(to) - at(from)).toFixed(1)} height="10" />
            </svg>
            <span>{duration(to - from)}</span>
          </li>
        ))}
      </ol>
      <p class="dim">
        {duration(whole)} from the start to {view.endedAt === null ? 'now' : 'the end'}.
      </p>
    </section>
  );
}

/** In the order of their starts. */
function barsOf({ phases, decisions }: MigrationView, now: number): readonly Bar[] {
  const steps = phases
    .flatMap((phase) => phase.steps)
    .flatMap(({ id, status, startedAt, endedAt }): Bar[] =>
      startedAt === null
        ? []
        : [
            {
              id,
              tone: glyph(status).tone,
              from: Date.parse(startedAt),
              to: endedAt === null ? now : Date.parse(endedAt),
            },
          ],
    );
  const questions = decisions.map(
    ({ id, openedAt }): Bar => ({ id, tone: 'asks', from: Date.parse(openedAt), to: now }),
  );
  return [...steps, ...questions].sort((one, other) => one.from - other.from);
}
