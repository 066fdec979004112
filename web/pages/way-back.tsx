/** What a rollback would undo from here, in order; always there. */
import type { UndoKind } from '../../strategy/run/outline.js';
import { isOver, type MigrationView, type WayBackStep } from '../../strategy/run/view.js';
import { describeWayBack } from '../../strategy/run/way-back.js';

/** Rows before the rest folds. */
const FIRST = 12;
/** Rows in all. */
const MOST = 50;

export function WayBack({ view }: { readonly view: MigrationView }) {
  const [applied = '', how = '', stops] = describeWayBack(view);
  const left = view.applied.length - Math.min(MOST, view.wayBack.length);
  return (
    <section id="way-back" aria-labelledby="way-back-title" class="panel">
      <h2 id="way-back-title">{isOver(view) ? 'What is applied' : 'The way back from here'}</h2>
      {view.wayBack.length === 0 ? (
        <p>{applied}</p>
      ) : (
        <>
          <p class="dim">
            {isOver(view)
              ? 'Still applied, the latest first:'
              : 'A rollback undoes, in this order, and can stop after any of them:'}
          </p>
          <ol class="way-back">
            <Undos view={view} undos={view.wayBack.slice(0, FIRST)} />
          </ol>
          {view.wayBack.length > FIRST && (
            <details>
              <summary>and {Math.min(MOST, view.wayBack.length) - FIRST} more</summary>
              <ol class="way-back" start={FIRST + 1}>
                <Undos view={view} undos={view.wayBack.slice(FIRST, MOST)} />
              </ol>
            </details>
          )}
          {left > 0 && <p>and {left} steps before them.</p>}
          {stops !== undefined && <p class="bad">{stops}</p>}
          <p class="dim how">{how}</p>
        </>
      )}
    </section>
  );
}

/** With the landing at the end of each phase, where a rollback usually stops. */
function Undos({ view, undos }: { readonly view: MigrationView; readonly undos: readonly WayBackStep[] }) {
  const phaseOf = new Map(view.phases.flatMap(({ id, steps }) => steps.map((step) => [step.id, id])));
  return (
    <>
      {undos.map(({ step, undo, irreversible }, index) => {
        const next = undos[index + 1];
        const before = next === undefined ? undefined : phaseOf.get(next.step);
        const last = step === view.applied[0];
        const landing = last ? 'start' : before !== undefined && before !== phaseOf.get(step) ? before : null;
        return (
          <li id={`back-${step}`} class={irreversible ? 'stop' : undefined}>
            <code>{step}</code> {WORDS[undo]}
            {landing !== null && (
              <span class="landing">
                then the run is at <code>{landing}</code>
              </span>
            )}
          </li>
        );
      })}
    </>
  );
}

const WORDS: Readonly<Record<UndoKind, string>> = {
  actions: 'by its own undo',
  nothing: 'has nothing to undo',
  none: "has no undo of its own: the level's script covers it, or a person is asked",
  impossible: 'is a point of no return: a person must answer for it',
};
