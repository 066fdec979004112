import { expect, test } from 'vitest';
import { parseFrequency } from '../../../strategy/sentence/frequency.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test.each([
  ['Every 15 minutes', 15 * MINUTE],
  ['every hour', HOUR],
  ['each day', 24 * HOUR],
  ['once per week', 7 * 24 * HOUR],
  ['once an hour', HOUR],
  ['Hourly', HOUR],
  ['30 s', 30_000],
  ['PT5M', null],
  ['continuously', 0],
  ['Real-time', 0],
])('"%s" is read as %s ms', (text, ms) => {
  expect(parseFrequency(text)).toBe(ms);
});

test.each(['', 'often', 'every', 'hour', 'every 15 minutes on weekdays', 'every 0 minutes', '4 times a day'])(
  'a machine does not guess what "%s" means',
  (text) => {
    expect(parseFrequency(text)).toBeNull();
  },
);
