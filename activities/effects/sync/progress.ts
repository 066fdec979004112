/** How the rounds of a pair are going, for people. */
import type { Progress } from '../../../strategy/run/progress.js';
import type { Round } from './one-way.js';

export class Course {
  /** Grows whenever something is done. */
  done = 0;
  #rounds = 0;
  #keys = 0;
  #now = 0;
  #lagMs: number | null = null;
  #open = 0;
  readonly #since: string;

  /** @param since when the activity was first scheduled (ISO 8601) */
  constructor(since: string) {
    this.#since = since;
  }

  /** Rows of the round that is under way. */
  reached(keys: number): void {
    this.#now = keys;
    this.done += 1;
  }

  round({ keys }: Round, lagMs: number, open: number): void {
    this.#rounds += 1;
    this.#keys += keys;
    this.#now = 0;
    this.#lagMs = lagMs;
    this.#open = open;
    this.done += 1;
  }

  summary(): string {
    const open = this.#open === 0 ? '' : `, ${this.#open} conflicts open`;
    const lag = this.#lagMs === null ? '' : `, ${(this.#lagMs / 1_000).toFixed(1)} s behind`;
    const rows = (this.#keys + this.#now).toLocaleString('en-US');
    return `${this.#rounds} rounds, ${rows} rows brought over${lag}${open}`;
  }

  progress(): Progress {
    return {
      done: this.#keys + this.#now,
      total: null,
      unit: 'rows',
      ratePerSecond: null,
      since: this.#since,
      endsAt: null,
      sentence: this.summary(),
    };
  }
}
