/**
 * How fast notices go out: no channel gets more than its limit in any minute, and one that asked to be left alone (Retry-After)
 * gets none until then, whichever run they are from. Each notice that has to wait keeps its turn. Per worker: several of them
 * share a channel without knowing of each other.
 */

const MINUTE_MS = 60_000;

/** Where the bindings do not say: what a person can still read, and Slack's one message a second over a minute. */
const DEFAULT_PER_MINUTE = 30;

/** Turns of notices that never came back, because their run ended, are forgotten once there are so many. */
const MOST_TURNS = 1000;

interface Channel {
  /** The latest turns, oldest first (milliseconds since 1970); as many as its limit. */
  readonly turns: number[];
  closedUntil: number;
}

export class Pace {
  readonly #channels = new Map<string, Channel>();
  /** When each waiting notice has its turn. */
  readonly #waiting = new Map<string, number>();

  constructor(private readonly now: () => number = Date.now) {}

  /**
   * Milliseconds until this notice may be sent; 0 when it may now. Asked again by then, it has its turn.
   * @param urgent it waits for nothing but a channel that asked to be left alone
   */
  waitOf(
    channel: string,
    notice: string,
    {
      perMinute = DEFAULT_PER_MINUTE,
      urgent,
    }: { readonly perMinute?: number | undefined; readonly urgent: boolean },
  ): number {
    const now = this.now();
    const state = this.#channels.get(channel) ?? { turns: [], closedUntil: 0 };
    this.#channels.set(channel, state);
    const key = `${channel} ${notice}`;
    const turn = this.#waiting.get(key) ?? take(state, perMinute, urgent, now);
    const at = Math.max(turn, state.closedUntil);
    if (at <= now) this.#waiting.delete(key);
    else this.#keep(key, turn, now);
    return Math.max(0, at - now);
  }

  /** Nothing goes there for so many milliseconds. */
  close(channel: string, ms: number): void {
    const state = this.#channels.get(channel) ?? { turns: [], closedUntil: 0 };
    state.closedUntil = Math.max(state.closedUntil, this.now() + ms);
    this.#channels.set(channel, state);
  }

  #keep(key: string, turn: number, now: number): void {
    if (this.#waiting.size >= MOST_TURNS) {
      for (const [other, at] of this.#waiting) if (at < now - MINUTE_MS) this.#waiting.delete(other);
    }
    this.#waiting.set(key, turn);
  }
}

/** The next turn: as many before it as the limit allows are at least a minute older. */
function take({ turns }: Channel, perMinute: number, urgent: boolean, now: number): number {
  const before = turns.at(-perMinute);
  const turn = urgent || before === undefined ? now : Math.max(now, before + MINUTE_MS);
  turns.push(turn);
  turns.sort((one, other) => one - other);
  turns.splice(0, turns.length - perMinute);
  return turn;
}
