/** Forms whose answer the browser signs: what is signed, and what such a form says about it. */
import type { Claims } from '../../strategy/run/signed.js';

export interface Signing {
  readonly by: string;
  /** The `typ` of the signature. */
  readonly typ: string;
  /** Everything that is signed but what the form itself holds: the answer, the landing and the reason. */
  readonly claims: Claims;
  /** The public keys (`x`) that the run knows of this person; null where they are not known here. */
  readonly keys: readonly string[] | null;
}

/** Where `static/keys.js` finds what it signs. */
export function signedBy(signing: Signing | null): { readonly 'data-sign'?: string } {
  return signing === null ? {} : { 'data-sign': JSON.stringify(signing) };
}

/** Until script has looked for the key, the buttons beside this are off. */
export function SignState({ signing }: { readonly signing: Signing | null }) {
  if (signing === null) return null;
  return (
    <>
      <input type="hidden" name="signed" value="" />
      <p class="dim">
        <span data-sign-state>
          This run counts only signed answers. To sign in the browser, script must be on; the command line
          signs as well.
        </span>{' '}
        <a href="/key" data-key-link>
          Your key
        </a>
      </p>
    </>
  );
}
