/** What an SQL effect has come to so far: shared by the ways of running its parts. */

import type { Answer, Session } from '../../sql/session.js';
import type { Entry } from './journal.js';

/** How a part, or the whole effect, ended. */
export type Ending =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'failed' | 'unknown'; readonly cause: string };

export const DONE: Ending = { outcome: 'done' };

/** An earlier attempt, whose worker was lost, is still at it on the server. */
export class StillRunning extends Error {
  override readonly name = 'StillRunning';
}

/** Both are 32-bit integers; what waits a little longer than the statement may needs some room. */
const LONGEST_MS = 2 ** 31 - 1 - 60_000;

const ROWS_SHOWN = 5;
const CHARACTERS_SHOWN = 500;

export class Progress {
  /** True while the journal itself is used, and not the step's own statements: an error then means something else. */
  inJournal = true;
  /** How often others were in the way. */
  waits = 0;
  /** Statements that are done. Those of an open transaction count: a new try counts them again. */
  statements = 0;
  #lines: string[] = [];
  #kept = { lines: 0, statements: 0 };

  /**
   * @param uncertain True while statements may have taken effect without our knowing: a commit is under way, or an
   * earlier attempt was here and the journal has not been asked yet. A failure is then an unknown outcome.
   * @param deadline When the step's time is up (milliseconds since 1970).
   * @param redacted Takes the secrets out of a text: before it is cut, since of a secret that is cut a part would stay.
   */
  constructor(
    public uncertain: boolean,
    readonly deadline: number,
    readonly redacted: (text: string) => string,
  ) {}

  /** Milliseconds until the deadline, at least 1, and as many as a timer and a `statement_timeout` can hold. */
  left(): number {
    return Math.min(Math.max(1, this.deadline - Date.now()), LONGEST_MS);
  }

  note(...lines: readonly string[]): void {
    this.#lines.push(...lines);
  }

  /** A statement of the step is done, with this answer. */
  print({ command, rowCount, rows }: Answer): void {
    this.statements += 1;
    this.note(rowCount === null ? command : `${command} ${rowCount}`);
    this.note(
      ...rows
        .slice(0, ROWS_SHOWN)
        .map((row) => `  ${this.redacted(JSON.stringify(row)).slice(0, CHARACTERS_SHOWN)}`),
    );
    if (rows.length > ROWS_SHOWN) this.note(`  ... ${rows.length - ROWS_SHOWN} more rows`);
  }

  /** What was printed so far stays, whatever becomes of the tries that follow. */
  keep(): void {
    this.#kept = { lines: this.#lines.length, statements: this.statements };
  }

  /** A new try begins: what the one before it printed did not count. */
  forget(): void {
    this.#lines.length = this.#kept.lines;
    this.statements = this.#kept.statements;
  }

  already(): Ending {
    this.note('already applied: the journal has its row');
    return DONE;
  }

  output(): string {
    const waits = this.waits === 0 ? [] : [`waited ${this.waits} times for locks or colliding transactions`];
    return [...waits, ...this.#lines, ''].join('\n');
  }
}

/** One try at a part of an effect, on a connection of its own. */
export interface Try {
  readonly session: Session;
  readonly entry: Entry;
  readonly progress: Progress;
  /** Milliseconds a statement may wait for a lock before it steps back. */
  readonly lockTimeoutMs: number;
  /** For people. */
  readonly database: string;
  /** The statements of the parts before that changed settings of their session, in order. */
  readonly settings: readonly string[];
}
