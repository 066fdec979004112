import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDuration, soakOf } from '../../strategy/duration.js';
import { describeDuration } from '../../strategy/render/duration.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  ['30 minutes', 30 * MINUTE],
  ['2-3 hours', 3 * HOUR],
  ['1 to 2 weeks', 14 * DAY],
  ['3 days observation', 3 * DAY],
  ['10s', 10 * SECOND],
  ['250ms', 250],
  ['1.5h', 90 * MINUTE],
  ['1h30m', 90 * MINUTE],
  ['1 hour and 30 minutes', 90 * MINUTE],
  ['PT5M', 5 * MINUTE],
  ['P1DT2H', 26 * HOUR],
  ['about 2 hours', 2 * HOUR],
  ['0 minutes', 0],
])('%s is a duration', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  '',
  'soon',
  '5',
  'P',
  'PT',
  '3 moons',
  'step 3 of the day',
  '99999999 days',
  '12 monthly reports',
])('%j is none', (text) => {
  expect(parseDuration(text)).toBeNull();
});

test('any text gets an answer', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      const ms = parseDuration(text);
      expect(ms === null || (Number.isInteger(ms) && ms >= 0)).toBe(true);
    }),
  );
});

test('a step soaks only when its estimate says so', () => {
  expect(soakOf('3 days observation', null)).toBe(3 * DAY);
  expect(soakOf('observe for 2 hours', null)).toBe(2 * HOUR);
  expect(soakOf('1 hour, then 2 days of monitoring', null)).toBe(2 * DAY);
  expect(soakOf('30 minutes', null)).toBe(0);
  expect(soakOf(null, undefined)).toBe(0);
});

test('x-soak wins over the estimate', () => {
  expect(soakOf('3 days observation', '1 hour')).toBe(HOUR);
  expect(soakOf('30 minutes', '10s')).toBe(10 * SECOND);
});

test('a soak without a length is not taken for none', () => {
  expect(soakOf('observation by the team', null)).toBeNull();
  expect(soakOf(null, 'a while')).toBeNull();
});

test('durations are told in their two largest units', () => {
  expect(describeDuration(3 * DAY)).toBe('3 days');
  expect(describeDuration(90 * MINUTE)).toBe('1 hour 30 minutes');
  expect(describeDuration(250)).toBe('250 ms');
});
