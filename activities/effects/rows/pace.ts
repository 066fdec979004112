/** How many rows a batch takes, how long to wait after it, and what people are told about it. */
import type { RowsAction } from '../../../strategy/plan.js';
import type { Progress } from '../../../strategy/run/progress.js';
import { type Counts, NO_ROWS, type Transfer } from './transfer.js';

/** What a batch is to take, in milliseconds: short enough for whoever waits for one of its rows. */
const TARGET_MS = 500;
/** The first batch; the next ones are fitted to `TARGET_MS`. */
const FIRST_ROWS = 10_000;
const MOST_ROWS = 500_000;

export class Pace {
  batches = 0;
  readonly #most: number;
  readonly #limit: number | null;
  readonly #since: string;
  readonly #undo: boolean;
  readonly #began = Date.now();
  #size: number;
  #rate: number | null;
  #estimate: number | null = null;
  #counts: Counts = NO_ROWS;
  /** Rows that earlier attempts had read. */
  #before = 0;

  /** @param since when the activity was first scheduled (ISO 8601) */
  constructor({ batchSize, ratePerSecond, direction }: RowsAction, since: string) {
    this.#most = batchSize ?? MOST_ROWS;
    this.#size = Math.min(batchSize ?? FIRST_ROWS, this.#most);
    this.#limit = ratePerSecond;
    this.#rate = ratePerSecond;
    this.#since = since;
    this.#undo = direction === 'undo';
  }

  /** Rows of the next batch, at least 1; with a rate, not more than those of a second. */
  get size(): number {
    return Math.max(1, Math.floor(Math.min(this.#size, this.#rate ?? this.#size)));
  }

  begin(counts: Transfer, estimate: number | null): void {
    if (this.batches === 0) this.#before = counts.read;
    this.#estimate = estimate;
    this.#note(counts);
  }

  /** A batch of so many rows took so long. Returns the milliseconds to wait before the next one. */
  batch(counts: Transfer, rows: number, ms: number): number {
    this.batches += 1;
    const factor = Math.min(2, Math.max(0.5, TARGET_MS / Math.max(1, ms)));
    this.#size = Math.min(this.#most, Math.max(1, this.#size * factor));
    this.#note(counts);
    return this.#rate === null ? 0 : Math.max(0, (rows / this.#rate) * 1_000 - ms);
  }

  /** A batch was refused, or others were in its way. `rows`: how many it had. */
  halve(rows = this.size): void {
    this.#size = Math.max(1, Math.ceil(rows / 2));
  }

  #note(counts: Transfer): void {
    this.#counts = counts;
    this.#rate = counts.rate ?? this.#limit;
  }

  progress(): Progress {
    const done = this.#counts.read;
    const seconds = (Date.now() - this.#began) / 1_000;
    const perSecond = seconds > 0 ? (done - this.#before) / seconds : null;
    const total = this.#estimate === null ? null : Math.max(done, this.#estimate);
    const left = total === null || perSecond === null || perSecond <= 0 ? null : (total - done) / perSecond;
    const of = total === null ? '' : ` of about ${count(total)}`;
    const limited = this.#rate === null ? '' : `, limited to ${count(this.#rate)} rows/s`;
    return {
      done,
      total,
      unit: 'rows',
      ratePerSecond: perSecond,
      since: this.#since,
      endsAt: left === null ? null : new Date(Date.now() + left * 1_000).toISOString(),
      sentence: `${count(done)}${of} rows ${this.#undo ? 'taken back' : 'read'}${limited}`,
    };
  }

  /** Where every row is, for people. */
  summary(): string {
    const { read, written, filtered, quarantined } = this.#counts;
    if (this.#undo)
      return `${count(read)} rows read: ${count(written)} restored or removed, ${count(filtered)} left as they are`;
    return `${count(read)} rows read: ${count(written)} written, ${count(filtered)} filtered, ${count(quarantined)} quarantined`;
  }
}

function count(rows: number): string {
  return Math.round(rows).toLocaleString('en-US');
}
