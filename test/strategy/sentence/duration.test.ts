import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../../strategy/sentence/duration.js';
import { printDuration } from '../../../strategy/sentence/print.js';
import { parseEstimate, parseSoak } from '../../../strategy/sentence/soak.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('a duration', () => {
  test.each([
    ['30 minutes', 30 * MINUTE],
    ['2-3 hours', 3 * HOUR],
    ['1 to 2 weeks', 14 * DAY],
    ['10s', 10 * SECOND],
    ['250ms', 250],
    ['1.5h', 90 * MINUTE],
    ['1,5 hours', 90 * MINUTE],
    ['1h30m', 90 * MINUTE],
    ['1 hour and 30 minutes', 90 * MINUTE],
    ['1 day, 2 hours', 26 * HOUR],
    ['24-hour', DAY],
    ['about 2 hours', 2 * HOUR],
    ['~ 2 hours', 2 * HOUR],
    ['0 minutes', 0],
    ['PT5M', 5 * MINUTE],
    ['P1DT2H', 26 * HOUR],
    ['P2W', 14 * DAY],
    ['P1Y2M', (365 + 60) * DAY],
    ['PT1,5H', 90 * MINUTE],
    ['PT0.5S', 500],
    ['p3d', 3 * DAY],
    ['P0000-00-03T04:30:00', 3 * DAY + 4.5 * HOUR],
    ['P00000003T043000', 3 * DAY + 4.5 * HOUR],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    '',
    'soon',
    '5',
    'P',
    'PT',
    'P1.5DT2H',
    '3 moons',
    'step 3 of the day',
    '99999999 days',
    '12 monthly reports',
    '3 days observation',
    '30 minutes per item',
    '-5 minutes',
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  test('printed and read again is the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 * DAY }), (ms) => {
        expect(parseDuration(printDuration(ms))).toBe(ms);
      }),
    );
  });

  test('with any word behind it is none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: DAY }), fc.stringMatching(/^[a-z]{3,9}$/), (ms, word) => {
        expect(parseDuration(`${printDuration(ms)} ${word}`)).toBeNull();
      }),
    );
  });

  test('any text gets an answer', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        const ms = parseDuration(text);
        expect(ms === null || (Number.isInteger(ms) && ms >= 0)).toBe(true);
      }),
    );
  });
});

describe('a soak is read from the clause that speaks of it', () => {
  test.each([
    ['3 days observation', 3 * DAY],
    ['observe for 2 hours', 2 * HOUR],
    ['30 minutes deploy, then observe for 3 days', 3 * DAY],
    ['Rollout 2 days, monitoring 7 days', 7 * DAY],
    ['5 minutes (no soak)', 0],
    ['5 minutes, without monitoring', 0],
    ['5 minutes, no observation needed', 0],
    ['1,5 hours observation', 1.5 * HOUR],
    ['1 hour, then 2 days of monitoring', 2 * DAY],
    ['30 minutes (plus 3 days observation)', 3 * DAY],
    ['30 minutes + 24h soak', DAY],
    ['observation (3 days)', 3 * DAY],
    ['3 days (observation)', 3 * DAY],
    ['30 minutes (3 days observation)', 3 * DAY],
    ['soak: 24h', DAY],
    ['24-hour bake time', DAY],
    ['2-3 days of observation', 3 * DAY],
    ['1 day observation, then 2 days of monitoring', 3 * DAY],
    ['20 minutes, then watch for 2 days', 2 * DAY],
    ['no more than 3 days observation', 3 * DAY],
    ['3 days observation, no deployments', 3 * DAY],
    ['30 minutes', 0],
    ['30 minutes deploy', 0],
    ['until lunch', 0],
  ])('%s', (text, ms) => {
    expect(parseSoak(text)).toEqual({ ms });
  });

  test.each([
    ['observation by the team', 'observation by the team'],
    ['3 days observation per region', 'per region'],
    ['30 minutes to set up monitoring', 'to set up'],
    ['2 days rollout and monitoring', 'monitoring'],
    ['3 days observation with no errors', 'with no errors'],
    ['no soak, or 3 days observation and no monitoring of 2 days soak', 'or'],
    ['observe 2 days 3 days', 'observe 2 days 3 days'],
  ])('"%s" is not understood', (text, words) => {
    expect(parseSoak(text)).toEqual({ words });
  });

  test('and is no part of how long the work takes', () => {
    expect(parseEstimate('30 minutes deploy, then observe for 3 days')).toBe(30 * MINUTE);
    expect(parseEstimate('3 hours')).toBe(3 * HOUR);
    expect(parseEstimate('PT3H')).toBe(3 * HOUR);
    expect(parseEstimate('3 days observation')).toBeNull();
    expect(parseEstimate('soon')).toBeNull();
  });
});
