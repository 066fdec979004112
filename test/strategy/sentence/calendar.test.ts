import fc from 'fast-check';
import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import type { Weekday } from '../../../strategy/plan.js';
import { parseFreeze, parseTimetable, parseWindow } from '../../../strategy/sentence/calendar.js';

const WORKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri'];
const WEEKEND: readonly Weekday[] = ['sat', 'sun'];
const WEEK: readonly Weekday[] = [...WORKDAYS, ...WEEKEND];

function windowOf(text: string) {
  const reading = parseWindow(text);
  return reading.kind === 'understood' ? reading.value : null;
}

describe('a timetable', () => {
  test.each([
    ['daily at 02:00 UTC', WEEK, '02:00', 'UTC'],
    ['Sunday 3am Europe/Berlin', ['sun'], '03:00', 'Europe/Berlin'],
    ['every weekday, 23:30 EST', WORKDAYS, '23:30', 'America/New_York'],
    ['midnight UTC', WEEK, '00:00', 'UTC'],
  ])('%s', (text, days, at, zone) => {
    expect(parseTimetable(text)).toEqual({ days, at, zone });
  });

  test.each(['daily', 'daily at 02:00', 'Sunday 3 UTC', '02:00 UTC or so', 'daily 2-4am UTC', '25:00 UTC'])(
    '%s is not understood',
    (text) => expect(parseTimetable(text)).toBeNull(),
  );
});

describe('a window on days of the week', () => {
  test.each([
    ['Weekday 10am-4pm EST', WORKDAYS, '10:00', '16:00', 'America/New_York'],
    ['weekdays, 10:00 to 16:00 (America/New_York)', WORKDAYS, '10:00', '16:00', 'America/New_York'],
    ['Only between 10 a.m. and 4 p.m. ET on business days.', WORKDAYS, '10:00', '16:00', 'America/New_York'],
    ['Sat-Sun 22:00-04:00 UTC', WEEKEND, '22:00', '04:00', 'UTC'],
    ['Saturdays and Sundays, 2-4am Europe/Berlin', WEEKEND, '02:00', '04:00', 'Europe/Berlin'],
    ['every Friday from 8pm until midnight GMT', ['fri'], '20:00', '24:00', 'UTC'],
    ['Fri to Mon noon - 1:30 pm PT', ['mon', 'fri', 'sat', 'sun'], '12:00', '13:30', 'America/Los_Angeles'],
    ['00:00-24:00 UTC+5:30', WEEK, '00:00', '24:00', '+05:30'],
    ['Nightly 22:00–04:00 CET', WEEK, '22:00', '04:00', 'CET'],
    ['12am-12pm UTC', WEEK, '00:00', '12:00', 'UTC'],
  ])('%s', (text, days, from, to, zone) => {
    expect(windowOf(text)).toEqual({ days, from, to, zone });
  });

  test.each([
    ['10am-4pm on weekdays', 'on weekdays'],
    ['Weekday 10am-4pm', ''],
    ['Weekday 10am-4pm EST except holidays', 'except holidays'],
    ['Weekday 10am-4pm EST or weekends', 'or weekends'],
    ['Weekday 10am-4pm CST', 'CST'],
    ['Weekday 10-4pm EST', '10-4pm EST'],
    ['Weekday 8-10 UTC', '8-10 UTC'],
    ['Weekday 25:00-26:00 UTC', '25:00-26:00 UTC'],
    ['Weekday 13pm-14pm UTC', '13pm-14pm UTC'],
    ['First Sunday of the month', null],
    ['Every second Sunday 2am-4am UTC', null],
    ['Nights of the week', 'of the week'],
    ['After the sale', null],
  ])('%s is left to a person', (text, words) => {
    expect(parseWindow(text)).toEqual(
      words === null ? { kind: 'none' } : { kind: 'partly', words, names: [] },
    );
  });

  test('one word more, and it is not understood', () => {
    const word = fc.stringMatching(/^[a-z]{2,9}$/).filter((text) => !['utc', 'and', 'est'].includes(text));
    fc.assert(
      fc.property(word, (text) => {
        expect(windowOf(`Weekday 10am-4pm EST ${text}`)).toBeNull();
      }),
    );
  });
});

describe('an interval', () => {
  test.each([
    ['2026-11-28T02:00Z/2026-11-28T06:00Z', '2026-11-28T02:00:00.000Z', '2026-11-28T06:00:00.000Z'],
    ['2026-11-28T02:00:00+01:00/PT4H', '2026-11-28T01:00:00.000Z', '2026-11-28T05:00:00.000Z'],
    ['20261128T0200Z/20261129T0200Z', '2026-11-28T02:00:00.000Z', '2026-11-29T02:00:00.000Z'],
  ])('%s', (text, start, end) => {
    expect(windowOf(text)).toEqual({ start, end });
  });

  test.each([
    ['2026-11-28T02:00/2026-11-28T06:00', '2026-11-28T02:00'],
    ['2026-11-28T02:00Z/2026-11-28T06:00', '2026-11-28T06:00'],
    ['2026-11-28T02:00Z/2026-11-27T02:00Z', '2026-11-27T02:00Z'],
    ['2026-11-31T02:00Z/PT4H', '2026-11-31T02:00Z'],
  ])('%s is left to a person', (text, words) => {
    expect(parseWindow(text)).toEqual({ kind: 'partly', words, names: [] });
  });
});

describe('a recurrence', () => {
  const START = 'DTSTART;TZID=Europe/Berlin:20261101T020000';

  test('is read with its start and its duration', () => {
    expect(windowOf(`${START} RRULE:freq=WEEKLY;BYDAY=SU DURATION:PT4H`)).toEqual({
      rule: `${START}\nRRULE:FREQ=WEEKLY;BYDAY=SU`,
      durationMs: 4 * 3_600_000,
    });
  });

  test.each([
    [`${START} RRULE:FREQ=WEEKLY`, 'no DURATION'],
    ['RRULE:FREQ=WEEKLY DURATION:PT4H', 'no DTSTART'],
    [`${START} DURATION:PT4H`, 'no RRULE'],
    ['DTSTART:20261101T020000 RRULE:FREQ=WEEKLY DURATION:PT4H', 'DTSTART:20261101T020000'],
    [`${START} RRULE:FREQ=SECONDLY DURATION:PT4H`, 'RRULE:FREQ=SECONDLY'],
    [`${START} RRULE:FREQ=DAILY;BYEASTER=1 DURATION:PT4H`, 'RRULE:FREQ=DAILY;BYEASTER=1'],
    [`${START} RRULE:FREQ=DAILY DURATION:PT0S`, 'DURATION:PT0S'],
    [`${START} RRULE:FREQ=DAILY DURATION:PT4H EXDATE:20261201T020000`, 'EXDATE:20261201T020000'],
  ])('%s is left to a person', (text, words) => {
    expect(parseWindow(text)).toEqual({ kind: 'partly', words, names: [] });
  });

  test('what is read here, the library reads as well', () => {
    const days = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
    const part = <T>(name: string, value: fc.Arbitrary<T>) =>
      fc.option(
        value.map((given) => `${name}=${given}`),
        { nil: null },
      );
    const rule = fc
      .tuple(
        fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY').map((freq) => `FREQ=${freq}`),
        part('INTERVAL', fc.integer({ min: 1, max: 99 })),
        part('BYDAY', fc.subarray(days, { minLength: 1 })),
        part(
          'BYMONTHDAY',
          fc.integer({ min: -31, max: 31 }).filter((day) => day !== 0),
        ),
        part('BYMONTH', fc.integer({ min: 1, max: 12 })),
        part('BYHOUR', fc.integer({ min: 0, max: 23 })),
        part('BYMINUTE', fc.integer({ min: 0, max: 59 })),
        part('WKST', fc.constantFrom(...days)),
        part('COUNT', fc.integer({ min: 1, max: 20 })),
      )
      .map((parts) => parts.filter((given) => given !== null).join(';'));
    fc.assert(
      fc.property(rule, (given) => {
        const window = windowOf(`${START} RRULE:${given} DURATION:PT4H`);
        if (window === null || !('rule' in window)) throw new Error(`${given} was not read`);
        const library = new RRuleTemporal({ rruleString: window.rule, temporal: Temporal });
        library.between(new Date('2026-12-01T00:00:00Z'), new Date('2027-01-01T00:00:00Z'), true);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a freeze', () => {
  test.each([
    ['No changes from 2026-12-20 to 2027-01-02 UTC', '2026-12-20', '2027-01-02', 'UTC'],
    [
      'Change freeze: 2026-11-23 - 2026-11-30 (America/New_York)',
      '2026-11-23',
      '2026-11-30',
      'America/New_York',
    ],
    ['no deployments between 2026-11-23 and 2026-11-30 ET.', '2026-11-23', '2026-11-30', 'America/New_York'],
  ])('%s', (text, from, to, zone) => {
    expect(parseFreeze(text)).toEqual({ kind: 'understood', value: { from, to, zone } });
  });

  test.each([
    ['No changes from 2026-12-20 to 2027-01-02', ''],
    ['No changes from 2026-12-20 to 2027-01-02 UTC, if possible', ', if possible'],
    ['No changes from 2027-01-02 to 2026-12-20 UTC', 'UTC'],
    ['No changes from 2026-02-30 to 2026-03-02 UTC', '2026-02-30 to 2026-03-02 UTC'],
    ['No changes during Black Friday week', 'Black Friday week'],
    ['Keep the shop open', null],
  ])('%s is left to a person', (text, words) => {
    expect(parseFreeze(text)).toEqual(
      words === null ? { kind: 'none' } : { kind: 'partly', words, names: [] },
    );
  });
});
