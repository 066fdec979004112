import type { UndoKind } from '../../strategy/run/outline.js';
import type { MigrationView } from '../../strategy/run/view.js';
import { describeWayBack } from '../../strategy/run/way-back.js';

/** What a rollback would undo from here, in order; always there. */
export function WayBack({ view }: { readonly view: MigrationView }) {
  const [applied = '', how = ''] = describeWayBack(view);
  return (
    <section id="way-back" aria-labelledby="way-back-title">
      <h2 id="way-back-title">The way back from here</h2>
      {view.wayBack.length === 0 ? (
        <p>{applied}</p>
      ) : (
        <>
          <p>A rollback to the start undoes, in this order:</p>
          <ol class="way-back">
            {view.wayBack.map(({ step, undo, irreversible }) => (
              <li id={`back-${step}`} class={irreversible ? 'bad' : ''}>
                <code>{step}</code> {WORDS[undo]}
              </li>
            ))}
          </ol>
          {view.applied.length > view.wayBack.length && (
            <p>and {view.applied.length - view.wayBack.length} steps before them.</p>
          )}
          <p class="dim">
            <code>{how}</code>
          </p>
        </>
      )}
    </section>
  );
}

const WORDS: Readonly<Record<UndoKind, string>> = {
  actions: 'by its own undo',
  nothing: 'has nothing to undo',
  none: "has no undo of its own: the level's script covers it, or a person is asked",
  impossible: 'is a point of no return: a person must answer for it',
};
