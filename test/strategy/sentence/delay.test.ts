import { expect, test } from 'vitest';
import { parseDelay, parsePeriod } from '../../../strategy/sentence/delay.js';

const DAY = 86_400_000;

test.each([
  ['30 days after completion', 30 * DAY],
  ['After 2 weeks', 14 * DAY],
  ['1 week post migration', 7 * DAY],
  ['2 weeks after the migration is complete', 14 * DAY],
  ['90 days following completion of the migration', 90 * DAY],
  ['T+7d', 7 * DAY],
  ['P14D', 14 * DAY],
  ['Immediately', 0],
  ['immediately after the migration', 0],
  ['After migration completion.', 0],
])('"%s" is a time after the completion', (text, ms) => {
  expect(parseDelay(text)).toEqual({ kind: 'understood', value: ms });
});

test.each([
  '2 weeks after 100% rollout',
  '30 days after cut-over',
  'once legal agrees',
  'Within 30 days',
  'later',
])('"%s" is not understood, so it is asked', (text) => {
  expect(parseDelay(text).kind).not.toBe('understood');
});

test.each([
  ['First 2 weeks', 14 * DAY],
  ['the first 30 days after the migration', 30 * DAY],
  ['30 days', 30 * DAY],
  ['P30D', 30 * DAY],
])('"%s" is a period from the completion on', (text, ms) => {
  expect(parsePeriod(text)).toEqual({ kind: 'understood', value: ms });
});

test.each(['Q1 2027', 'First 2 weeks of January', '0 days'])('"%s" is no such period', (text) => {
  expect(parsePeriod(text).kind).not.toBe('understood');
});
