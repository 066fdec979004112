import { beforeEach, expect, test } from 'vitest';
import { Pace } from '../../../activities/notices/pace.js';

let now = 0;
let pace = new Pace(() => now);
beforeEach(() => {
  now = 1_000_000;
  pace = new Pace(() => now);
});

const wait = (notice: string, urgent = false) => pace.waitOf('#ops', notice, { perMinute: 3, urgent });

test('no channel gets more than its limit in any minute, and each notice keeps its turn', () => {
  const sent: number[] = [];
  const waiting = new Map(Array.from({ length: 10 }, (_, index) => [`run/${index}`, 0]));
  for (const start = now; now <= start + 10 * 60_000; now += 1000) {
    for (const [notice, due] of waiting) {
      if (now < due) continue;
      const ms = wait(notice);
      if (ms === 0) {
        sent.push(now);
        waiting.delete(notice);
      } else waiting.set(notice, now + ms);
    }
  }
  expect(sent).toHaveLength(10);
  for (const [index, at] of sent.entries()) {
    const third = sent[index - 3];
    if (third !== undefined) expect(at - third).toBeGreaterThanOrEqual(60_000);
  }
  // As soon as the limit allows: 3 each in the minutes 0, 1, 2, then the last.
  expect(sent.at(-1)).toBe(1_000_000 + 3 * 60_000);
});

test('a page and the end of a run wait behind nobody', () => {
  for (const notice of ['a', 'b', 'c']) expect(wait(notice)).toBe(0);
  expect(wait('d')).toBe(60_000);
  expect(wait('page', true)).toBe(0);
});

test('a channel that asked to be left alone gets nothing until then, and then what waited', () => {
  pace.close('#ops', 7000);
  expect(wait('a')).toBe(7000);
  expect(wait('page', true)).toBe(7000);
  expect(pace.waitOf('#other', 'a', { urgent: false })).toBe(0);
  now += 7000;
  expect(wait('a')).toBe(0);
  expect(wait('page', true)).toBe(0);
});
