import { expect, test } from 'vitest';
import { firstDue, nextDue } from '../../../strategy/run/report-times.js';

const MINUTE = 60_000;
const at = (time: string) => new Date(`2026-01-01T${time}:00.000Z`);
const iso = (time: string) => at(time).toISOString();

test('reports keep their times, however late one was', () => {
  expect(firstDue(iso('10:00'), 15 * MINUTE)).toBe(iso('10:15'));
  expect(nextDue(iso('10:15'), 15 * MINUTE, at('10:16'), 0)).toBe(iso('10:30'));
  // The worker was gone for an hour.
  expect(nextDue(iso('10:15'), 15 * MINUTE, at('11:20'), 0)).toBe(iso('11:30'));
});

test('two months of reports fit into one history, and the first day keeps its pace', () => {
  let due = iso('00:00');
  let count = 0;
  for (; Date.parse(due) < at('00:00').getTime() + 60 * 24 * 60 * MINUTE; count += 1) {
    due = nextDue(due, 5 * MINUTE, new Date(due), count);
    if (count === 200) expect(Date.parse(due)).toBe(at('00:00').getTime() + 201 * 5 * MINUTE);
  }
  // Some 15 events each, of the 51,200 that a history holds.
  expect(count).toBeLessThan(1700);
});
