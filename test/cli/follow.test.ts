import { describe, expect, test } from 'vitest';
import { followLines } from '../../cli/follow-lines.js';
import { followLive, type Prompts } from '../../cli/follow-live.js';
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
    expect(said[0]).toMatch(/^\d\d:\d\d:\d\d approval:GATE-1 /);
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

describe('following on a terminal', () => {
  const asked = view({ status: 'waiting', decisions: [decision()] });
  const ended = view({ status: 'completed', reason: 'All done.' });

  test('asks the person at the keyboard, hands the answer in, and goes on', async () => {
    let now = asked;
    const answers: string[] = [];
    const voice: Prompts = {
      seats: () => [{ by: 'alice' }],
      ask: async (_decision, [seat]) =>
        seat === undefined ? null : { seat, option: 'approve', reason: undefined },
      async answer(one, { seat, option }) {
        answers.push(`${seat.by} ${option} ${one.id}`);
        now = ended;
        return null;
      },
    };
    const { terminal, stdout } = fakeTerminal();
    const run: Watched = { ...watched([], ended), view: async () => now };
    const { signal } = new AbortController();
    expect(await followLive(run, { terminal, voice, noWait: false, signal })).toBe('ended');
    expect(answers).toEqual(['alice approve approval:GATE-1']);
    expect(stdout.join('')).toContain('All done.');
  });

  test('withdraws the question when somebody else answers', async () => {
    let now = asked;
    const voice: Prompts = {
      seats: () => [{ by: 'alice' }],
      ask: (_decision, _seats, signal) =>
        new Promise((resolve) => {
          now = ended;
          signal.addEventListener('abort', () => resolve(null));
        }),
      answer: () => Promise.reject(new Error('nothing was answered')),
    };
    const { terminal, stdout } = fakeTerminal();
    const run: Watched = { ...watched([], ended), view: async () => now };
    const { signal } = new AbortController();
    expect(await followLive(run, { terminal, voice, noWait: false, signal })).toBe('ended');
    expect(stdout.join('')).toContain('Somebody else has answered.');
  });

  test('asks once, and waits on when the person leaves the question open', async () => {
    const controller = new AbortController();
    let asks = 0;
    let looks = 0;
    const voice: Prompts = {
      seats: () => [{ by: 'alice' }],
      ask: async () => {
        asks += 1;
        return null;
      },
      answer: async () => null,
    };
    const run: Watched = {
      ...watched([], asked),
      view: async () => {
        looks += 1;
        if (looks > 3) controller.abort();
        return asked;
      },
    };
    const { terminal } = fakeTerminal();
    expect(await followLive(run, { terminal, voice, noWait: false, signal: controller.signal })).toBe(
      'interrupted',
    );
    expect(asks).toBe(1);
  });

  test('with noWait, ends when nobody here may answer', async () => {
    const { terminal } = fakeTerminal();
    const { signal } = new AbortController();
    expect(await followLive(watched([], asked), { terminal, voice: null, noWait: true, signal })).toBe(
      'blocked',
    );
  });
});
