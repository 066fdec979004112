/**
 * What came of a form, until the page that follows has shown it: every form answers 303, so that loading a page again
 * sends nothing twice. Kept in this process and not in the address, since a refused reason is given back to its writer.
 */
import { randomBytes } from 'node:crypto';
import type { Session } from './session/sessions.js';

export interface Receipt {
  readonly tone: 'good' | 'bad';
  readonly text: string;
  /** The reason that a refused form held; empty when there was none. */
  readonly reason: string;
}

const MOST = 1_000;

export class Receipts {
  readonly #kept = new Map<string, Receipt>();

  /** Keeps it for this session; the latest are kept. @returns what finds it again */
  keep(session: Session, receipt: Receipt): string {
    const name = randomBytes(9).toString('base64url');
    this.#kept.set(keyOf(session, name), receipt);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST && oldest !== undefined) this.#kept.delete(oldest);
    return name;
  }

  find(session: Session, name: string | undefined): Receipt | null {
    return name === undefined ? null : (this.#kept.get(keyOf(session, name)) ?? null);
  }
}

/** By the person who logged in, where there is one: to prove once more who one is begins another session. */
function keyOf({ id, by, account }: Session, name: string): string {
  return JSON.stringify([account === null ? id : by, name]);
}
