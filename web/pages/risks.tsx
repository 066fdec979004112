/** What may go wrong from here on, as the strategy says: first what affects the part under way. */
import { placedRisks } from '../../strategy/run/risks.js';
import type { MigrationView } from '../../strategy/run/view.js';

export function Risks({ view }: { readonly view: MigrationView }) {
  const { now, ahead } = placedRisks(view);
  if (now.length + ahead.length === 0) return null;
  return (
    <section id="risks" aria-labelledby="risks-title" class="panel">
      <h2 id="risks-title">Risks</h2>
      {now.length === 0 && <p class="dim">The strategy names none of what is under way.</p>}
      <List risks={now} />
      {ahead.length > 0 && (
        <details id="risks-ahead">
          <summary>{ahead.length} of what is still ahead</summary>
          <List risks={ahead} />
        </details>
      )}
    </section>
  );
}

function List({ risks }: { readonly risks: NonNullable<MigrationView['risks']> }) {
  if (risks.length === 0) return null;
  return (
    <ul class="votes">
      {risks.map(({ id, text, measures, phases, steps }) => (
        <li>
          <code>{id}</code> {text} <span class="dim">({[...phases, ...steps].join(', ')})</span>
          {measures.map((measure) => (
            <p class="dim">{measure}</p>
          ))}
        </li>
      ))}
    </ul>
  );
}
