/**
 * The streams of open pages (server-sent events). One says only that something changed; the page then fetches itself, so
 * that there is no second way to draw it, and losing an event loses nothing.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { type Request, sessionOf } from './context.js';
import type { Listener } from './feeds.js';

/** A word this often keeps proxies from closing a quiet stream, and tells its reader that it is not dead. */
const HEARTBEAT_MS = 15_000;
/** A page hears of changes at most this often. */
const LEAST_MS = 250;
/** A reader that takes nothing for so long is dropped. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 2_000;
/** Of one session; a browser opens six to one address. */
const MOST_PER_SESSION = 24;
const MOST = 500;

export class Streams {
  readonly #closing = new AbortController();
  readonly #open = new Map<string, number>();
  #count = 0;

  constructor() {
    // One of each stream.
    setMaxListeners(0, this.#closing.signal);
  }

  /** How many pages listen now. */
  get count(): number {
    return this.#count;
  }

  /** Tells every open page that the server goes away. */
  close(): void {
    this.#closing.abort();
  }

  /** Answers with a stream of `view` events, from the first thing that the listener hears on. */
  answer(context: Request, listen: (listener: Listener) => () => void): Response {
    const session = sessionOf(context).id;
    if (this.#count >= MOST || (this.#open.get(session) ?? 0) >= MOST_PER_SESSION) {
      return context.text('Too many pages are open. Close some.', 429);
    }
    this.#add(session, 1);
    const response = streamSSE(context, async (stream) => {
      try {
        await this.#tell(stream, listen, () => context.env?.outgoing?.destroy());
      } finally {
        this.#add(session, -1);
      }
    });
    response.headers.set('Cache-Control', 'no-cache, no-transform');
    response.headers.set('X-Accel-Buffering', 'no');
    return response;
  }

  async #tell(
    stream: SSEStreamingApi,
    listen: (listener: Listener) => () => void,
    drop: () => void,
  ): Promise<void> {
    const { signal } = this.#closing;
    let latest: number | null = null;
    let wake = (): void => undefined;
    const isOver = (): boolean => stream.aborted || signal.aborted;
    // First of all: registered after the reader has left, it would never be called.
    stream.onAbort(() => wake());
    const closing = (): void => wake();
    signal.addEventListener('abort', closing);
    const unlisten = listen((version) => {
      latest = version;
      wake();
    });
    const send = async (writing: Promise<unknown>): Promise<void> => {
      const slow = setTimeout(drop, PATIENCE_MS);
      await writing;
      clearTimeout(slow);
    };
    try {
      await send(stream.write(`retry: ${RETRY_MS}\n\n`));
      while (!isOver()) {
        const version = latest;
        latest = null;
        if (version !== null) {
          await send(stream.writeSSE({ event: 'view', id: `${version}`, data: `${version}` }));
          await sleep(LEAST_MS, undefined, { signal }).catch(() => undefined);
          continue;
        }
        const quiet = setTimeout(() => wake(), HEARTBEAT_MS);
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (latest !== null || isOver()) resolve();
        });
        clearTimeout(quiet);
        if (latest === null && !isOver()) await send(stream.writeSSE({ event: 'here', data: '' }));
      }
      if (!stream.aborted) await send(stream.writeSSE({ event: 'gone', data: '' }));
    } finally {
      signal.removeEventListener('abort', closing);
      unlisten();
    }
  }

  #add(session: string, by: 1 | -1): void {
    this.#count += by;
    const open = (this.#open.get(session) ?? 0) + by;
    if (open === 0) this.#open.delete(session);
    else this.#open.set(session, open);
  }
}
