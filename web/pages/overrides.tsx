/** What people decided against what the machine saw: marked where it happened, and listed with its reason. */
import type { MigrationView } from '../../strategy/run/view.js';
import { eventsPath } from '../paths.js';
import { Moment } from './parts.js';

/** For the row of a step, gate or prerequisite, such as `skip by alice`. */
export function overrideMarks({ overrides = [] }: MigrationView, subject: string): readonly string[] {
  return overrides
    .filter((override) => override.subject === subject)
    .map(({ option, by }) => `${option} by ${by.join(', ')}`);
}

export function Overrides({ view: { run, overrides = [] } }: { readonly view: MigrationView }) {
  if (overrides.length === 0) return null;
  return (
    <section id="overrides" aria-labelledby="overrides-title" class="panel">
      <h2 id="overrides-title">Decided against the machine</h2>
      <ul class="votes">
        {overrides.map(({ decision, subject, option, by, reason, at }) => (
          <li id={`override-${decision}`}>
            <code>{subject}</code>: <strong class="bad">{option}</strong> by {by.join(', ')}
            {reason !== null && `: ${reason}`} <Moment at={at} />
          </li>
        ))}
      </ul>
      <p>
        <a href={eventsPath(run)}>In the record</a>
      </p>
    </section>
  );
}
