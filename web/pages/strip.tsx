/** The plan as a graph: its phases in their order, with the gate that leads from one to the next. */
import { progressOf } from '../../strategy/run/excerpt.js';
import { gatesOf } from '../../strategy/run/gates.js';
import { shownPhaseStatus, statusLabel } from '../../strategy/run/labels.js';
import type { MigrationView } from '../../strategy/run/view.js';
import { Sign, Status } from './parts.js';

/** Gates of one phase that are named; more are rare. */
const GATES = 4;

export function Strip({ view }: { readonly view: MigrationView }) {
  return (
    <nav aria-label="Phases">
      <ol class="strip">
        {view.phases.map((phase) => {
          const status = shownPhaseStatus(phase, view);
          const { done, all } = progressOf(phase);
          return (
            <li class={status}>
              <a href={`#phase-${phase.id}`}>{phase.name}</a>
              <Status status={status} />
              <progress max={Math.max(1, all)} value={done} aria-label={`Steps done of ${phase.id}`} />
              <span class="steps">
                {done} of {all} steps
              </span>
              {gatesOf(phase)
                .slice(-GATES)
                .map(({ id, status }) => (
                  <a class="to-gate" href={`#gate-${id}`}>
                    <Sign status={status} /> {id} <span class="dim">{statusLabel(status)}</span>
                  </a>
                ))}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
