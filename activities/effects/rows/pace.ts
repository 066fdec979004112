/** How many rows a batch takes, how long to wait after it, and what people are told about it. */
import type { RowsAction } from '../../../strategy/plan.js';
import type { Progress } from '../../../strategy/run/progress.js';
import { type Counts, NO_ROWS, type Transfer } from './transfer.js';

/** What a batch is to take, in milliseconds: short enough for whoever waits for one of its rows. */
const TARGET_MS = 500;
/** The first batch; the next ones are fitted to `TARGET_MS`. */
const FIRST_ROWS = 10_000;
const MOST_ROWS = 500_000;
/** The same for rows that pass through a program, and so through this process. */
const FIRST_THROUGH = 1_000;
const MOST_THROUGH = 10_000;

/** The rows per second that all workers of a transfer have together. */
class Meter {
  /** When the next batch may begin, in milliseconds since 1970. */
  #free = 0;

  /** Milliseconds to wait after a batch of so many rows that began then. */
  spend(rows: number, perSecond: number | null, began: number): number {
    if (perSecond === null) return 0;
    this.#free = Math.max(this.#free, began) + (rows / perSecond) * 1_000;
    return Math.max(0, this.#free - Date.now());
  }
}

export class Pace {
  readonly #most: number;
  readonly #limit: number | null;
  readonly #since: string;
  readonly #undo: boolean;
  readonly #began = Date.now();
  readonly #action: RowsAction;
  readonly #meter: Meter;
  /** Workers that share the rate with this one, and it. */
  readonly #sharers: number;
  #lanes: readonly Pace[] = [];
  #batches = 0;
  #size: number;
  #rate: number | null;
  #estimate: number | null = null;
  #counts: Counts = NO_ROWS;
  /** Why the next batch waits; null while it does not. */
  held: string | null = null;
  /** Rows that earlier attempts had read. */
  #before = 0;

  /** @param since when the activity was first scheduled (ISO 8601) */
  constructor(action: RowsAction, since: string, meter = new Meter(), sharers = 1) {
    const { batchSize, ratePerSecond, direction, program } = action;
    const through = program !== undefined && direction === 'apply';
    this.#most = Math.min(batchSize ?? MOST_ROWS, through ? MOST_THROUGH : MOST_ROWS);
    this.#size = Math.min(batchSize ?? (through ? FIRST_THROUGH : FIRST_ROWS), this.#most);
    this.#limit = ratePerSecond;
    this.#rate = ratePerSecond;
    this.#since = since;
    this.#undo = direction === 'undo';
    this.#action = action;
    this.#meter = meter;
    this.#sharers = sharers;
  }

  /** One pace per worker: each has batches of its own size, and all of them share the rate. The same ones when asked again. */
  lanes(workers: number): readonly Pace[] {
    if (this.#lanes.length !== workers) {
      this.#lanes = Array.from(
        { length: workers },
        () => new Pace(this.#action, this.#since, this.#meter, workers),
      );
    }
    return this.#lanes;
  }

  /** Batches that this attempt has committed. */
  get batches(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.batches, this.#batches);
  }

  /** Where every row is by now. */
  get counts(): Counts {
    if (this.#lanes.length === 0) return this.#counts;
    return this.#lanes
      .map(({ counts }) => counts)
      .reduce((sum, counts) => ({
        read: sum.read + counts.read,
        written: sum.written + counts.written,
        filtered: sum.filtered + counts.filtered,
        quarantined: sum.quarantined + counts.quarantined,
      }));
  }

  /** Rows of the next batch, at least 1; with a rate, not more than those of a second. */
  get size(): number {
    const second = this.#rate === null ? this.#size : this.#rate / this.#sharers;
    return Math.max(1, Math.floor(Math.min(this.#size, second)));
  }

  begin(counts: Transfer, estimate: number | null): void {
    if (this.#batches === 0) this.#before = counts.read;
    this.#estimate = estimate;
    this.note(counts);
  }

  /** A batch of so many rows began then (milliseconds since 1970). Returns the milliseconds to wait before the next one. */
  batch(counts: Transfer, rows: number, began: number): number {
    this.#batches += 1;
    const factor = Math.min(2, Math.max(0.5, TARGET_MS / Math.max(1, Date.now() - began)));
    this.#size = Math.min(this.#most, Math.max(1, this.#size * factor));
    this.note(counts);
    return this.#meter.spend(rows, this.#rate, began);
  }

  /** A batch was refused, or others were in its way. `rows`: how many it had. */
  halve(rows = this.size): void {
    this.#size = Math.max(1, Math.ceil(rows / 2));
  }

  /** How far it is by now. */
  note(counts: Transfer): void {
    this.#counts = counts;
    this.#rate = counts.rate ?? this.#limit;
  }

  progress(): Progress {
    const done = this.counts.read;
    const before = this.#lanes.reduce((sum, lane) => sum + lane.#before, 0);
    const [lane = this] = this.#lanes;
    const rate = lane.#rate;
    const seconds = (Date.now() - this.#began) / 1_000;
    const since = this.#lanes.length === 0 ? this.#before : before;
    const perSecond = seconds > 0 ? (done - since) / seconds : null;
    const total = this.#estimate === null ? null : Math.max(done, this.#estimate);
    const left = total === null || perSecond === null || perSecond <= 0 ? null : (total - done) / perSecond;
    const of = total === null ? '' : ` of about ${count(total)}`;
    const workers = this.#lanes.length > 1 ? ` by ${this.#lanes.length} workers` : '';
    const limited = rate === null ? '' : `, limited to ${count(rate)} rows/s`;
    const held = [this, ...this.#lanes].find((each) => each.held !== null)?.held ?? null;
    const waits = held === null ? '' : `; waits: ${held}`;
    return {
      done,
      total,
      unit: 'rows',
      ratePerSecond: perSecond,
      since: this.#since,
      endsAt: left === null ? null : new Date(Date.now() + left * 1_000).toISOString(),
      sentence: `${count(done)}${of} rows ${this.#undo ? 'taken back' : 'read'}${workers}${limited}${waits}`,
    };
  }

  /** Where every row is, for people. */
  summary(): string {
    const { read, written, filtered, quarantined } = this.counts;
    if (this.#undo)
      return `${count(read)} rows read: ${count(written)} restored or removed, ${count(filtered)} left as they are`;
    return `${count(read)} rows read: ${count(written)} written, ${count(filtered)} filtered, ${count(quarantined)} quarantined`;
  }
}

function count(rows: number): string {
  return Math.round(rows).toLocaleString('en-US');
}
