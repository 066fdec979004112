/** What is followed for all open pages of this process: one feed per run, per step's output, and one of the overview. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SluiceError } from '../client/error.js';
import type { OpenDecision } from '../client/inbox.js';
import type { RunSummary } from '../client/list.js';
import { jobLogs } from '../client/logs.js';
import type { RunsOverview } from '../client/overview.js';
import type { Sluice } from '../client/sluice.js';
import type { Electorate } from '../strategy/run/electorate.js';
import type { MigrationView } from '../strategy/run/view.js';
import { Feed, type Source } from './feed.js';

export interface Overview {
  readonly runs: readonly RunSummary[];
  readonly inbox: readonly OpenDecision[];
  /** A worker polls: without one, runs wait and votes are not taken. */
  readonly worker: boolean;
}

/** A run as pages show it. */
export interface RunState {
  readonly view: MigrationView;
  readonly electorate: Electorate;
}

export interface ShownRun extends RunState {
  /** Why nothing newer is known; null when all is well. */
  readonly trouble: string | null;
}

export interface PageHead {
  /** Open decisions across runs. */
  readonly waiting: number;
  /** The first of them, the oldest first: as many as a page may have to look at to find one of another run. */
  readonly open: readonly OpenHead[];
  readonly worker: boolean;
}

/** An open decision, as every page names it. */
export interface OpenHead {
  readonly run: string;
  readonly id: string;
  readonly question: string;
}

/** Called with a number that grows with every change. */
export type Listener = (version: number) => void;

/** Between two looks at the list while a page shows it; what was seen that long ago is good enough for any page. */
const OVERVIEW_MS = 2_000;
/** What was seen that long ago is shown while it is looked up again: with 1,000 runs that takes longer than a page may. */
const STALE_MS = 15_000;
/** Between two looks at how much a step has printed. */
const OUTPUT_MS = 1_000;
/** Ended runs that are listed; every open one is. */
const MOST_ENDED = 1_000;
const HEADS = 50;

/** What is asked of the engine. */
export type FeedClient = Pick<Sluice, 'home' | 'view' | 'electorate' | 'watch' | 'overview' | 'hasWorker'>;

export class Feeds {
  readonly #client: FeedClient;
  readonly #outputs = new Map<string, Feed<unknown>>();
  readonly #runs = new Map<string, Feed<RunState>>();
  readonly #overview: Feed<Overview>;
  /** The latest answer of the engine, and when it was asked. */
  #seen: { readonly at: number; readonly overview: Overview } | null = null;
  #last: RunsOverview | null = null;
  #asked: Promise<Overview> | null = null;

  constructor(client: FeedClient) {
    this.#client = client;
    this.#overview = new Feed((signal, onTrouble) => this.#watchOverview(signal, onTrouble));
  }

  /** What the head of every page says; null when the engine does not answer. */
  async head(): Promise<PageHead | null> {
    try {
      return headOf(await this.overview());
    } catch (error) {
      if (error instanceof SluiceError) return null;
      throw error;
    }
  }

  /**
   * The runs and open decisions, asked of the engine once for all who ask within two seconds. After that the last answer
   * is served, up to 15 s old, while it is asked again.
   * @throws SluiceError
   */
  async overview(): Promise<Overview> {
    const age = this.#seen === null ? Number.POSITIVE_INFINITY : performance.now() - this.#seen.at;
    if (this.#seen === null || age > STALE_MS) return this.#ask();
    // A failure is told to the next one who asks: it forgets what was seen.
    if (age > OVERVIEW_MS) this.#ask().catch(() => undefined);
    return this.#seen.overview;
  }

  /** A run, without a query where it is followed already, unless it must be `fresh`. @throws SluiceError */
  async run(run: string, fresh = false): Promise<ShownRun> {
    const current = fresh ? null : (this.#runs.get(run)?.current ?? null);
    if (current !== null && current.value !== null) return { ...current.value, trouble: current.trouble };
    const [view, electorate] = await Promise.all([
      this.#client.view(run, { steps: false }),
      this.#client.electorate(run),
    ]);
    return { view, electorate, trouble: null };
  }

  /** Hears of the run, and of what the head of its page says. */
  listenToRun(run: string, listener: Listener): () => void {
    const source: Source<RunState> = (signal, onTrouble) => this.#watchRun(run, signal, onTrouble);
    return listenToAll(listener, [
      (hear) => listenIn(this.#runs, run, source, hear),
      (hear) => this.#listenToHead(hear),
    ]);
  }

  /** Hears of the run and of whatever the step prints on this host. */
  listenToStep(run: string, step: string, listener: Listener): () => void {
    const source: Source<unknown> = (signal) => this.#watchOutput(run, step, signal);
    return listenToAll(listener, [
      (hear) => this.listenToRun(run, hear),
      (hear) => listenIn(this.#outputs, JSON.stringify([run, step]), source, hear),
    ]);
  }

  listenToOverview(listener: Listener): () => void {
    return this.#overview.listen(({ version }) => listener(version));
  }

  close(): void {
    this.#overview.stop();
    for (const feed of [...this.#runs.values(), ...this.#outputs.values()]) feed.stop();
  }

  #listenToHead(hear: () => void): () => void {
    let seen: string | null = null;
    return this.#overview.listen(({ value }) => {
      if (value === null) return;
      const head = JSON.stringify(headOf(value));
      if (seen !== null && head !== seen) hear();
      seen = head;
    });
  }

  /** Asks the engine, once however many wait for the answer. */
  #ask(): Promise<Overview> {
    this.#asked ??= this.#loadOverview().finally(() => {
      this.#asked = null;
    });
    return this.#asked;
  }

  async #loadOverview(): Promise<Overview> {
    const at = performance.now();
    try {
      const [seen, worker] = await Promise.all([
        this.#client.overview(MOST_ENDED, this.#last),
        this.#client.hasWorker(),
      ]);
      this.#last = seen;
      const overview = { runs: seen.runs, inbox: seen.decisions, worker };
      this.#seen = { at, overview };
      return overview;
    } catch (error) {
      this.#seen = null;
      throw error;
    }
  }

  async *#watchRun(
    run: string,
    signal: AbortSignal,
    onTrouble: (trouble: string | null) => void,
  ): AsyncGenerator<RunState, void> {
    let known: { readonly plan: string; readonly electorate: Electorate } | null = null;
    const watching = this.#client.watch(run, {
      signal,
      onTrouble: (trouble) => onTrouble(trouble === null ? null : trouble.message),
    });
    for await (const view of watching) {
      const plan = view.strategy.hash;
      if (known === null || known.plan !== plan)
        known = { plan, electorate: await this.#client.electorate(run) };
      yield { view, electorate: known.electorate };
    }
  }

  /** Yields when the step's logs on this host have grown. */
  async *#watchOutput(run: string, step: string, signal: AbortSignal): AsyncGenerator<string, void> {
    let seen: string | null = null;
    while (!signal.aborted) {
      const sizes = (await jobLogs(this.#client.home, run, step)).map(({ job, bytes }) => `${job} ${bytes}`);
      const now = sizes.join('\n');
      if (now !== seen) yield now;
      seen = now;
      await sleep(OUTPUT_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Yields the overview when it has changed, over failures of the engine. */
  async *#watchOverview(
    signal: AbortSignal,
    onTrouble: (trouble: string | null) => void,
  ): AsyncGenerator<Overview, void> {
    let shown = '';
    while (!signal.aborted) {
      try {
        const overview = await this.#ask();
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

/** Listens to the feed of this name, which is made for its first listener and forgotten when it is followed no more. */
function listenIn<T>(
  feeds: Map<string, Feed<T>>,
  name: string,
  source: Source<T>,
  listener: Listener,
): () => void {
  const feed = feeds.get(name) ?? new Feed(source, () => feeds.delete(name));
  feeds.set(name, feed);
  return feed.listen(({ version }) => listener(version));
}

function headOf({ inbox, worker }: Overview): PageHead {
  const open = inbox.slice(0, HEADS).map(({ run, decision: { id, question } }) => ({ run, id, question }));
  return { waiting: inbox.length, open, worker };
}

/** Listens to several feeds, with one count of all their changes. */
function listenToAll(listener: Listener, feeds: readonly ((hear: () => void) => () => void)[]): () => void {
  let version = 0;
  const unlisten = feeds.map((listen) => listen(() => listener(++version)));
  return () => {
    for (const end of unlisten) end();
  };
}
