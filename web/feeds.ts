/** What is followed for all open pages of this process: one feed per run, and one of the runs and open decisions. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SluiceError } from '../client/error.js';
import type { InboxEntry } from '../client/inbox.js';
import type { RunSummary } from '../client/list.js';
import type { Sluice } from '../client/sluice.js';
import { excerpt } from '../strategy/run/excerpt.js';
import type { MigrationView } from '../strategy/run/view.js';
import { Feed } from './feed.js';

export interface Overview {
  readonly runs: readonly RunSummary[];
  readonly inbox: readonly InboxEntry[];
}

/** Between two looks at the list while a page shows it. */
const OVERVIEW_MS = 2_000;
const MOST_RUNS = 1_000;

export class Feeds {
  readonly #client: Sluice;
  readonly #runs = new Map<string, Feed<MigrationView>>();
  readonly #overview: Feed<Overview>;
  #waiting: number | null = null;

  constructor(client: Sluice) {
    this.#client = client;
    this.#overview = new Feed((signal, onTrouble) => this.#watchOverview(signal, onTrouble));
  }

  /** How many decisions are open, as far as it was looked at; null before that. */
  get waiting(): number | null {
    return this.#waiting;
  }

  async overview(): Promise<Overview> {
    return this.#overview.current?.value ?? this.#loadOverview();
  }

  /** The view of a run, without a query where it is followed already, unless it must be `fresh`. */
  async view(
    run: string,
    fresh = false,
  ): Promise<{ readonly view: MigrationView; readonly trouble: string | null }> {
    if (this.#waiting === null) await this.#loadOverview();
    const current = fresh ? null : (this.#runs.get(run)?.current ?? null);
    if (current?.value) return { view: current.value, trouble: current.trouble };
    return { view: excerpt(await this.#client.view(run)), trouble: null };
  }

  listenTo(run: string, listener: (seq: number) => void): () => void {
    const known = this.#runs.get(run);
    const feed =
      known ??
      new Feed((signal, onTrouble) =>
        this.#client.watch(run, {
          signal,
          onTrouble: (trouble) => onTrouble(trouble === null ? null : trouble.message),
        }),
      );
    if (known === undefined) this.#runs.set(run, feed);
    const unlisten = feed.listen(({ version }) => listener(version));
    return () => {
      unlisten();
      // An ended run is followed anew by the next page that shows it.
      if (feed.current === null) this.#runs.delete(run);
    };
  }

  listenToOverview(listener: (seq: number) => void): () => void {
    return this.#overview.listen(({ version }) => listener(version));
  }

  close(): void {
    this.#overview.stop();
    for (const feed of this.#runs.values()) feed.stop();
  }

  async #loadOverview(): Promise<Overview> {
    const [runs, inbox] = await Promise.all([this.#client.list({ limit: MOST_RUNS }), this.#client.inbox()]);
    this.#waiting = inbox.entries.length;
    return { runs, inbox: inbox.entries };
  }

  /** Yields the overview when it has changed, over failures of the engine. */
  async *#watchOverview(
    signal: AbortSignal,
    onTrouble: (trouble: string | null) => void,
  ): AsyncGenerator<Overview, void> {
    let shown = '';
    while (!signal.aborted) {
      try {
        const overview = await this.#loadOverview();
        const look = JSON.stringify(overview);
        if (look !== shown) yield overview;
        shown = look;
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error;
        onTrouble(error.message);
        shown = '';
      }
      await sleep(OVERVIEW_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
