import { describe, expect, test } from 'vitest';
import { followLines } from '../../cli/follow-lines.js';
import { followLive, type Prompter } from '../../cli/follow-live.js';
import type { Watched } from '../../cli/watched.js';
import type { Decision } from '../../strategy/run/decision.js';
import type { RunEvent } from '../../strategy/run/event.js';
import type { MigrationView } from '../../strategy/run/view.js';
import { decision, event, fakeTerminal, view } from './fixtures.js';

const opened = (seq: number, one: Decision) => event(seq, { type: 'decision-opened', decision: one });
const closed = (seq: number, id: string) =>
  event(seq, { type: 'decision-closed', decision: id, option: 'approve', reason: 'by alice' });

function watched(events: readonly RunEvent[], now: MigrationView): Watched {
  return {
    view: async () => now,
    async *views() {
      yield now;
    },
    async *events() {
      yield* events;
    },
  };
}

describe('following line by line', () => {
  const { signal } = new AbortController();

  test('prints one line per event, with its time, and ends with the run', async () => {
    const said: string[] = [];
    const run = watched([opened(0, decision()), closed(1, 'approval:GATE-1')], view({ seq: 2 }));
    expect(await followLines(run, { say: (line) => said.push(line), noWait: true, signal })).toBe('ended');
    expect(said).toHaveLength(2);
    expect(said[0]).toMatch(
      /^2026-01-01 \d\d:\d\d:\d\d \S+ Decision needed: approval:GATE-1 \(approve \| reject\), needs "DBA Lead": /,
    );
  });

  test('with noWait, ends when the run waits for a person', async () => {
    const blocked = view({ seq: 1, status: 'waiting', decisions: [decision()] });
    const run = watched([opened(0, decision()), closed(1, 'x')], blocked);
    expect(await followLines(run, { say: () => undefined, noWait: true, signal })).toBe('blocked');
  });

  test('with noWait, is not stopped by a question that was answered long ago', async () => {
    const first = decision();
    const second = decision({ id: 'approval:GATE-2' });
    const said: string[] = [];
    const now = view({ seq: 3, status: 'waiting', decisions: [second] });
    const run = watched([opened(0, first), closed(1, first.id), opened(2, second)], now);
    expect(await followLines(run, { say: (line) => said.push(line), noWait: true, signal })).toBe('blocked');
    expect(said).toHaveLength(3);
  });
});

/** A run whose view changes when the test says so. */
class ChangingRun implements Watched {
  private wake: () => void = () => {};

  constructor(private now: MigrationView) {}

  become(view: MigrationView): void {
    this.now = view;
    this.wake();
  }

  async view(): Promise<MigrationView> {
    return this.now;
  }

  async *views(signal: AbortSignal): AsyncGenerator<MigrationView> {
    for (let shown: MigrationView | null = null; !signal.aborted; ) {
      if (shown !== this.now) {
        shown = this.now;
        yield this.now;
      } else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    }
  }

  async *events(): AsyncGenerator<RunEvent> {
    yield* [];
  }
}

describe('following on a terminal', () => {
  const asked = view({ status: 'waiting', decisions: [decision()] });
  const ended = view({ status: 'completed', reason: 'All done.' });
  const alice = { by: 'alice', options: ['approve', 'reject'] } as const;

  test('asks the person at the keyboard, casts the vote, and continues', async () => {
    const run = new ChangingRun(asked);
    const answers: string[] = [];
    const prompter: Prompter = {
      voters: () => [alice],
      ask: async (_decision, [voter]) =>
        voter === undefined ? null : { voter, option: 'approve', reason: undefined },
      async answer(one, { voter, option }) {
        answers.push(`${voter.by} ${option} ${one.id}`);
        run.become(ended);
        return null;
      },
    };
    const { terminal, stdout } = fakeTerminal();
    const { signal } = new AbortController();
    expect(await followLive(run, { terminal, prompter, noWait: false, signal })).toBe('ended');
    expect(answers).toEqual(['alice approve approval:GATE-1']);
    expect(stdout.join('')).toContain('All done.');
  });

  test('withdraws the question when somebody else answers', async () => {
    const run = new ChangingRun(asked);
    const prompter: Prompter = {
      voters: () => [alice],
      ask: (_decision, _voters, signal) =>
        new Promise((resolve) => {
          run.become(ended);
          signal.addEventListener('abort', () => resolve(null));
        }),
      answer: () => Promise.reject(new Error('nothing was answered')),
    };
    const { terminal, stdout } = fakeTerminal();
    const { signal } = new AbortController();
    expect(await followLive(run, { terminal, prompter, noWait: false, signal })).toBe('ended');
    expect(stdout.join('')).toContain('Someone else has answered.');
  });

  test('asks once, and waits on when the person leaves the question open', async () => {
    const controller = new AbortController();
    const run = new ChangingRun(asked);
    let asks = 0;
    let looks = 0;
    const prompter: Prompter = {
      voters: () => {
        looks += 1;
        return [alice];
      },
      ask: async () => {
        asks += 1;
        run.become({ ...asked, seq: 1 });
        setImmediate(() => run.become({ ...asked, seq: 2, decisions: [...asked.decisions] }));
        return null;
      },
      answer: async () => null,
    };
    const { terminal } = fakeTerminal();
    const following = followLive(run, { terminal, prompter, noWait: false, signal: controller.signal });
    await expect.poll(() => asks).toBe(1);
    controller.abort();
    expect(await following).toBe('interrupted');
    expect([asks, looks]).toEqual([1, 1]);
  });

  test('with noWait, ends when nobody here may answer', async () => {
    const { terminal } = fakeTerminal();
    const { signal } = new AbortController();
    const run = new ChangingRun(asked);
    expect(await followLive(run, { terminal, prompter: null, noWait: true, signal })).toBe('blocked');
  });
});
