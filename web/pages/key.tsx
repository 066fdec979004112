/** The key with which this browser signs. It is made and kept by `static/keys.js`: the server never sees its private part. */
import { CommandLine } from './command-line.js';

/** @param by null for somebody who has not said who they are */
export function KeyPage({ by }: { readonly by: string | null }) {
  return (
    <section id="key" aria-labelledby="key-title" class="narrow">
      <h1 id="key-title">Your key</h1>
      <p>
        A run with <code>identity: signed</code> counts only votes and commands that are signed. This browser
        can sign with a key of its own. Its private part never leaves the browser: not even this page can read
        it.
      </p>
      {by === null ? (
        <p class="empty">Choose the name under which you act, at the top of the page.</p>
      ) : (
        <Key by={by} />
      )}
    </section>
  );
}

function Key({ by }: { readonly by: string }) {
  return (
    <div data-key-page={by} data-keep>
      <noscript>
        <p class="bad">Signing in the browser needs script. The command line signs as well.</p>
      </noscript>
      <p class="bad" data-key-state="unable" role="alert" hidden />
      <div class="panel" data-key-state="none" hidden>
        <h2>This browser has no key of {by}</h2>
        <p>Make one for each browser you vote from. To vote from a terminal instead:</p>
        <CommandLine command={`sluice key new --as ${JSON.stringify(by)}`} />
        <p>
          <button type="button" class="primary" data-key-do="make">
            Make a key
          </button>
        </p>
      </div>
      <div class="panel" data-key-state="here" hidden>
        <h2>This browser has a key of {by}</h2>
        <p>
          To let it count, add its public part to the bindings, under <code>identity.keys</code>. Runs that
          start afterwards know it.
        </p>
        <p class="command-line">
          <code data-key-line />
          <button type="button" data-copy="" aria-label="Copy the public part" hidden>
            Copy
          </button>
        </p>
        <dl class="facts">
          <div>
            <dt>Thumbprint, as votes in the record name it</dt>
            <dd>
              <code data-key-print />
            </dd>
          </div>
          <div>
            <dt>Made</dt>
            <dd data-key-made />
          </div>
        </dl>
        <details id="forget">
          <summary>Remove this key</summary>
          <form>
            <label class="confirm">
              <input type="checkbox" required data-key-sure /> Nobody can sign with it any more, here or
              elsewhere
            </label>
            <p>
              <button type="button" class="bad" data-key-do="forget">
                Remove
              </button>
            </p>
          </form>
        </details>
      </div>
    </div>
  );
}
