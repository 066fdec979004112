/** When each step ran and each open question waits, on one scale. */
import { duration } from '../../strategy/render/elapsed.js';
import { glyph, type Tone } from '../../strategy/run/labels.js';
import type { MigrationView } from '../../strategy/run/view.js';
import { type Fold, foldedScale } from '../scale.js';
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
  const end = Math.max(start, view.endedAt === null ? now : Date.parse(view.endedAt));
  if (bars.length === 0) return null;
  const { at, folds } = foldedScale({ from: start, to: end }, bars, WIDTH);
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
              <Folds folds={folds} />
              <rect x={at(from).toFixed(1)} width={Math.max(4, at(to) - at(from)).toFixed(1)} height="10" />
            </svg>
            <span>{duration(to - from)}</span>
          </li>
        ))}
      </ol>
      <p class="dim">
        {duration(end - start)} from the start to {view.endedAt === null ? 'now' : 'the end'}.
        {folds.map((fold) => ` ${duration(fold.to - fold.from)} in which nothing ran are folded.`)}
      </p>
    </section>
  );
}

function Folds({ folds }: { readonly folds: readonly Fold[] }) {
  return (
    <>
      {folds.map(({ start, end }) => (
        <rect class="fold" x={start.toFixed(1)} width={(end - start).toFixed(1)} height="10" />
      ))}
    </>
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
