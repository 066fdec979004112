/** What a person may do to a run at any time; each button works now, or says why not. */
import type { Child } from 'hono/jsx';
import { shellWord } from '../../strategy/run/answers.js';
import type { MigrationView } from '../../strategy/run/view.js';
import { runPath } from '../paths.js';
import { CommandLine } from './command-line.js';
import { type Signing, SignState, signedBy } from './signing.js';
import { Throttles } from './throttle.js';

type Name = 'pause' | 'resume' | 'abort' | 'rollback' | 'throttle';

export interface CommandsModel {
  readonly run: string;
  readonly paused: boolean;
  /** Where a rollback may stop: `start`, and the phases and applied steps that may stay. Newest first. */
  readonly landings: readonly string[];
  readonly commands: Readonly<Record<Name, CommandModel>>;
}

export interface CommandModel {
  readonly token: string;
  /** Why the viewer may not; null when they may. */
  readonly refusal: string | null;
  /** What the browser signs; null where names count as claimed. */
  readonly signing: Signing | null;
}

/** `watched`: the run is completed, and what comes afterwards is open. */
export function Commands({
  run,
  paused,
  landings,
  commands,
  watched,
  view,
}: CommandsModel & { readonly watched: boolean; readonly view: MigrationView }) {
  const usual = paused ? 'resume' : 'pause';
  return (
    <section id="commands" aria-labelledby="commands-title" class="panel">
      <h2 id="commands-title">Commands</h2>
      <CommandForm run={run} name={usual} model={commands[usual]}>
        {paused ? 'Resume' : 'Pause before the next action'}
      </CommandForm>
      <Throttles view={view} model={commands.throttle} />
      <details id="dangerous">
        <summary>Roll back or abort</summary>
        <CommandForm
          run={run}
          name="rollback"
          model={commands.rollback}
          sure="Undo what is applied after that"
          first={
            <label>
              Roll back to
              <select name="to">
                {landings.map((landing) => (
                  <option value={landing}>
                    {landing === 'start' ? 'the start: undo everything' : `after ${landing}`}
                  </option>
                ))}
              </select>
            </label>
          }
        >
          Roll back
        </CommandForm>
        <CommandForm
          run={run}
          name="abort"
          model={commands.abort}
          sure={
            watched
              ? 'End the watching; the run stays completed'
              : 'End the run here and keep what is applied'
          }
        >
          Abort
        </CommandForm>
      </details>
    </section>
  );
}

interface CommandFormModel {
  readonly run: string;
  readonly name: Exclude<Name, 'throttle'>;
  readonly model: CommandModel;
  /** What the one confirmation states; left out where the command can be undone. */
  readonly sure?: string;
  readonly first?: Child;
  readonly children?: Child;
}

function CommandForm({
  run,
  name,
  model: { token, refusal, signing },
  sure,
  first,
  children,
}: CommandFormModel) {
  const to = name === 'rollback' ? ' --to ID' : '';
  return (
    <form
      id={sure === undefined ? 'form-usual' : `form-${name}`}
      method="post"
      action={`${runPath(run)}/commands/${name}`}
      data-keep
      {...signedBy(signing)}
    >
      <input type="hidden" name="token" value={token} />
      {first}
      <label>
        Reason
        <input name="reason" maxlength={2000} autocomplete="off" />
      </label>
      {sure !== undefined && (
        <label class="confirm">
          <input type="checkbox" name="sure" required /> {sure}
        </label>
      )}
      <button
        type="submit"
        class={sure === undefined ? undefined : 'bad'}
        disabled={refusal !== null || signing !== null}
      >
        {children}
      </button>
      <SignState signing={signing} />
      {refusal === null ? (
        <CommandLine command={`sluice ${name} ${shellWord(run)}${to}`} />
      ) : (
        <p class="dim">{refusal}</p>
      )}
    </form>
  );
}
