/** How far a stream is, for people. */
import type { Progress } from '../../../strategy/run/progress.js';

export class StreamProgress {
  #sentence = 'connecting';
  #done = 0;
  #total: number | null = null;
  #unit = 'rows';

  /** @param since when the activity was first scheduled (ISO 8601) */
  constructor(readonly since: string) {}

  say(sentence: string): void {
    this.#sentence = sentence;
  }

  copying(rows: number, estimate: number | null, ready: number, tables: number): void {
    this.#unit = 'rows';
    this.#done = rows;
    this.#total = estimate === null ? null : Math.max(rows, estimate);
    const of = this.#total === null ? '' : ` of about ${count(this.#total)}`;
    this.#sentence = `copying: ${ready} of ${tables} tables, ${count(rows)}${of} rows`;
  }

  /** @param lagBytes of WAL that the other side has not confirmed */
  behind(state: 'catching up' | 'in sync', lagBytes: number, lagMs: number): void {
    this.#unit = 'bytes';
    this.#done = 0;
    this.#total = lagBytes;
    this.#sentence = `${state}: ${sizeText(lagBytes)} and ${(lagMs / 1_000).toFixed(1)} s behind`;
  }

  get sentence(): string {
    return this.#sentence;
  }

  read(): Progress {
    return {
      done: this.#done,
      total: this.#total,
      unit: this.#unit,
      ratePerSecond: null,
      since: this.since,
      endsAt: null,
      sentence: this.#sentence,
    };
  }
}

function count(rows: number): string {
  return Math.round(rows).toLocaleString('en-US');
}

export function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1_000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ''}`;
}
