/** The milestones and the critical path of the strategy, in the words of `sluice status`. */
import type { MigrationView } from '../../strategy/run/view.js';
import { describeTimeline, milestoneViews } from '../../strategy/timeline/progress.js';
import type { Drawn } from './step-row.js';

export function Milestones({ view, now }: Drawn & { readonly view: MigrationView }) {
  const at = new Date(now);
  const milestones = milestoneViews(view, at);
  // One line per milestone, then one for the path.
  const lines = describeTimeline(view, at);
  if (lines.length === 0) return null;
  return (
    <section id="milestones" aria-labelledby="milestones-title" class="panel">
      <h2 id="milestones-title">Milestones</h2>
      <ul class="milestones">
        {lines.map((line, place) => {
          const milestone = milestones[place];
          const reached = milestone?.progress === 'completed';
          return (
            <li class={milestone?.late ? 'bad' : reached ? 'good' : undefined}>
              <span>
                {milestone === undefined ? '' : milestone.late ? '! ' : reached ? '✔ ' : '○ '}
                {line}
              </span>
              {milestone !== undefined && milestone.of > 0 && !reached && (
                <progress max={milestone.of} value={milestone.done} aria-label={`Done of ${milestone.id}`} />
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
