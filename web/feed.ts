/**
 * What pages show, followed once per process however many look at it: a feed begins with its first listener and ends
 * some time after its last.
 */

/** How long a feed stays warm without listeners: long enough for the page that follows a form. */
const LINGER_MS = 10_000;

export interface FeedState<T> {
  /** The latest value; null before the first. */
  readonly value: T | null;
  /** Counts changes, of the value or of the trouble. */
  readonly version: number;
  /** Why nothing newer is known, such as an engine that went away; null when all is well. */
  readonly trouble: string | null;
  /** The source has ended: nothing changes any more. */
  readonly ended: boolean;
}

export type Source<T> = (
  signal: AbortSignal,
  onTrouble: (trouble: string | null) => void,
) => AsyncGenerator<T, void>;

export class Feed<T> {
  #state: FeedState<T> = { value: null, version: 0, trouble: null, ended: false };
  readonly #listeners = new Set<(state: FeedState<T>) => void>();
  #following: AbortController | null = null;
  #lingering: NodeJS.Timeout | null = null;
  readonly #source: Source<T>;
  readonly #forget: () => void;

  /** @param forget called when the feed is followed no more */
  constructor(source: Source<T>, forget: () => void = () => undefined) {
    this.#source = source;
    this.#forget = forget;
  }

  /** The state when it is being followed, so that a page needs no query of its own; else null. */
  get current(): FeedState<T> | null {
    return this.#following === null || this.#state.value === null ? null : this.#state;
  }

  /** Called with the state now and with every change; the returned function ends that. */
  listen(listener: (state: FeedState<T>) => void): () => void {
    if (this.#lingering !== null) clearTimeout(this.#lingering);
    this.#lingering = null;
    this.#listeners.add(listener);
    if (this.#following === null) void this.#follow();
    else listener(this.#state);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#lingering = setTimeout(() => this.stop(), LINGER_MS);
      this.#lingering.unref();
    };
  }

  stop(): void {
    this.#following?.abort();
    this.#following = null;
    this.#forget();
  }

  async #follow(): Promise<void> {
    const following = new AbortController();
    this.#following = following;
    const change = (part: Partial<FeedState<T>>): void => {
      if (following.signal.aborted) return;
      this.#state = { ...this.#state, ...part, version: this.#state.version + 1 };
      for (const listener of this.#listeners) listener(this.#state);
    };
    try {
      for await (const value of this.#source(following.signal, (trouble) => change({ trouble }))) {
        change({ value, trouble: null });
      }
      change({ ended: true });
    } catch (error) {
      change({ ended: true, trouble: error instanceof Error ? error.message : String(error) });
    } finally {
      if (this.#following === following) this.#following = null;
    }
  }
}
