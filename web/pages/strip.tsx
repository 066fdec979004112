/** The phases as a sequence: where the run stands, at a glance. */
import { progressOf } from '../../strategy/run/excerpt.js';
import type { PhaseView } from '../../strategy/run/view.js';
import { Status } from './parts.js';

export function Strip({ phases }: { readonly phases: readonly PhaseView[] }) {
  return (
    <nav aria-label="Phases">
      <ol class="strip">
        {phases.map((phase) => {
          const { done, all } = progressOf(phase);
          return (
            <li>
              <a href={`#phase-${phase.id}`}>{phase.name}</a>
              <Status status={phase.status} />
              <progress max={Math.max(1, all)} value={done} aria-label={`Steps done of ${phase.id}`} />
              <span class="steps">
                {done} of {all} steps
              </span>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
