/** The latest value of a stream, for a reader that is busy now and then and wants no backlog. */
export class Latest<T> {
  /** Null before the first value. */
  value: T | null = null;
  /** Resolves when the stream has ended; never rejects. */
  readonly done: Promise<void>;
  private over = false;
  private failure: { readonly error: unknown } | null = null;
  private fresh = false;
  private wake: () => void = () => {};

  constructor(values: AsyncIterable<T>) {
    this.done = this.read(values);
  }

  /** A value that came since the last call; null when no more come. @throws what the stream threw */
  async next(signal: AbortSignal): Promise<T | null> {
    while (!this.fresh && !this.over && !signal.aborted) await this.change(signal);
    if (this.fresh) {
      this.fresh = false;
      return this.value;
    }
    if (this.failure !== null) throw this.failure.error;
    return null;
  }

  /** Resolves once a value fulfils the condition, the stream ends, or the signal fires. */
  async until(holds: (value: T) => boolean, signal: AbortSignal): Promise<void> {
    while (!this.over && !signal.aborted && !(this.value !== null && holds(this.value)))
      await this.change(signal);
  }

  private waiting: Promise<void> | null = null;

  private change(signal: AbortSignal): Promise<void> {
    this.waiting ??= new Promise((resolve) => {
      this.wake = resolve;
    });
    const changed = this.waiting;
    return new Promise((resolve) => {
      const settle = (): void => {
        signal.removeEventListener('abort', settle);
        resolve();
      };
      signal.addEventListener('abort', settle, { once: true });
      void changed.then(settle);
    });
  }

  private async read(values: AsyncIterable<T>): Promise<void> {
    try {
      for await (const value of values) {
        this.value = value;
        this.fresh = true;
        this.notify();
      }
    } catch (error) {
      this.failure = { error };
    } finally {
      this.over = true;
      this.notify();
    }
  }

  private notify(): void {
    this.waiting = null;
    this.wake();
  }
}
