/** What a person may do to a run at any time; each button works now, or says why not. */
import { runPath } from '../paths.js';

export interface CommandsModel {
  readonly run: string;
  readonly paused: boolean;
  /** Where a rollback may stop: `start`, and the phases and applied steps that may stay. Newest first. */
  readonly landings: readonly string[];
  readonly commands: Readonly<Record<'pause' | 'resume' | 'abort' | 'rollback', CommandModel>>;
}

export interface CommandModel {
  readonly token: string;
  /** Why the viewer may not; null when they may. */
  readonly refusal: string | null;
}

export function Commands({ run, paused, landings, commands }: CommandsModel) {
  const action = (command: string) => `${runPath(run)}/commands/${command}`;
  const usual = paused ? 'resume' : 'pause';
  return (
    <section id="commands" aria-labelledby="commands-title">
      <h2 id="commands-title">Commands</h2>
      <form id="form-usual" method="post" action={action(usual)} data-keep>
        <input type="hidden" name="token" value={commands[usual].token} />
        <label>
          Reason <input name="reason" maxlength={2000} />
        </label>
        <button type="submit" disabled={commands[usual].refusal !== null}>
          {paused ? 'Resume' : 'Pause before the next action'}
        </button>
        <Refusal of={commands[usual]} />
      </form>
      <details id="dangerous">
        <summary>Roll back or abort</summary>
        <form id="form-rollback" method="post" action={action('rollback')} data-keep>
          <input type="hidden" name="token" value={commands.rollback.token} />
          <label>
            Roll back to{' '}
            <select name="to">
              {landings.map((landing) => (
                <option value={landing}>
                  {landing === 'start' ? 'the start: undo everything' : `after ${landing}`}
                </option>
              ))}
            </select>
          </label>
          <label>
            Reason <input name="reason" maxlength={2000} />
          </label>
          <label class="confirm">
            <input type="checkbox" name="sure" required /> Undo what is applied after that
          </label>
          <button type="submit" class="bad" disabled={commands.rollback.refusal !== null}>
            Roll back
          </button>
          <Refusal of={commands.rollback} />
        </form>
        <form id="form-abort" method="post" action={action('abort')} data-keep>
          <input type="hidden" name="token" value={commands.abort.token} />
          <label>
            Reason <input name="reason" maxlength={2000} />
          </label>
          <label class="confirm">
            <input type="checkbox" name="sure" required /> End the run here and keep what is applied
          </label>
          <button type="submit" class="bad" disabled={commands.abort.refusal !== null}>
            Abort
          </button>
          <Refusal of={commands.abort} />
        </form>
      </details>
    </section>
  );
}

function Refusal({ of: { refusal } }: { readonly of: CommandModel }) {
  return refusal === null ? null : <p class="dim">{refusal}</p>;
}
