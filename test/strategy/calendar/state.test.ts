import { expect, test } from 'vitest';
import { nextClosing, nextOpening, windowState } from '../../../strategy/calendar/state.js';
import type { Freeze, Weekday, Window } from '../../../strategy/plan.js';

const WORKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri'];
const ALL: readonly Weekday[] = [...WORKDAYS, 'sat', 'sun'];

function named(window: Window): { text: string; window: Window }[] {
  return [{ text: 'the window', window }];
}

function frozen(freeze: Freeze): { text: string; freeze: Freeze }[] {
  return [{ text: 'the freeze', freeze }];
}

const OFFICE: Window = { days: WORKDAYS, from: '10:00', to: '16:00', zone: 'America/New_York' };

function opens(
  at: string,
  window: Window,
  freezes = frozen({ from: '2000-01-01', to: '2000-01-01', zone: 'UTC' }),
) {
  return nextOpening(new Date(at), named(window), freezes)?.toISOString() ?? null;
}

test('without windows and freezes it is always open', () => {
  expect(windowState(new Date('2026-03-02T12:00:00Z'), [], [])).toEqual({ open: true, closesAt: null });
});

test('a window follows the wall clock of its zone: its beginning is in, its end is out', () => {
  const at = (time: string): boolean => windowState(new Date(time), named(OFFICE), []).open;
  // Winter: New York is 5 hours behind UTC.
  expect(at('2026-01-14T14:59:59Z')).toBe(false);
  expect(at('2026-01-14T15:00:00Z')).toBe(true);
  expect(at('2026-01-14T20:59:59Z')).toBe(true);
  expect(at('2026-01-14T21:00:00Z')).toBe(false);
  // Summer: 4 hours.
  expect(at('2026-07-15T14:00:00Z')).toBe(true);
  // Saturday.
  expect(at('2026-01-17T16:00:00Z')).toBe(false);
});

test('a closed window says why and when it opens, over a weekend and a change of clocks', () => {
  const state = windowState(new Date('2026-03-06T22:00:00Z'), named(OFFICE), []);
  expect(state).toEqual({
    open: false,
    why: 'outside the window "the window" (mon tue wed thu fri 10:00-16:00 America/New_York)',
    opensAt: '2026-03-09T14:00:00.000Z',
    shut: ['the window'],
  });
});

test('a window across midnight belongs to the day on which it begins', () => {
  const night: Window = { days: ['fri'], from: '22:00', to: '04:00', zone: 'UTC' };
  const at = (time: string): boolean => windowState(new Date(time), named(night), []).open;
  expect(at('2026-01-16T23:00:00Z')).toBe(true);
  expect(at('2026-01-17T03:59:00Z')).toBe(true);
  expect(at('2026-01-17T04:00:00Z')).toBe(false);
  expect(at('2026-01-16T03:00:00Z')).toBe(false);
  expect(opens('2026-01-17T04:00:00Z', night)).toBe('2026-01-23T22:00:00.000Z');
});

test('a window may last to 24:00', () => {
  const late: Window = { days: ['mon'], from: '20:00', to: '24:00', zone: 'UTC' };
  expect(windowState(new Date('2026-01-12T23:59:59Z'), named(late), []).open).toBe(true);
  expect(windowState(new Date('2026-01-13T00:00:00Z'), named(late), []).open).toBe(false);
});

test('a window that begins in the hour that clocks skip opens when they have skipped it', () => {
  const early: Window = { days: ALL, from: '02:30', to: '05:00', zone: 'America/New_York' };
  expect(opens('2026-03-08T06:00:00Z', early)).toBe('2026-03-08T07:00:00.000Z');
});

test('a window that begins in the hour that comes twice opens the first time', () => {
  const early: Window = { days: ALL, from: '01:30', to: '05:00', zone: 'America/New_York' };
  expect(opens('2026-11-01T04:00:00Z', early)).toBe('2026-11-01T05:30:00.000Z');
});

test('a freeze includes both of its days, in its own zone', () => {
  const freeze: Freeze = { from: '2026-11-23', to: '2026-11-30', zone: 'America/New_York' };
  const at = (time: string): boolean => windowState(new Date(time), [], frozen(freeze)).open;
  expect(at('2026-11-23T04:59:00Z')).toBe(true);
  expect(at('2026-11-23T05:00:00Z')).toBe(false);
  expect(at('2026-12-01T04:59:00Z')).toBe(false);
  expect(at('2026-12-01T05:00:00Z')).toBe(true);
});

test('the next opening lies behind the freeze as well', () => {
  const freeze: Freeze = { from: '2026-11-23', to: '2026-11-30', zone: 'UTC' };
  expect(opens('2026-11-25T12:00:00Z', OFFICE, frozen(freeze))).toBe('2026-12-01T15:00:00.000Z');
  // The freeze ends in the middle of the window: then it opens at that moment.
  const always: Window = { days: ALL, from: '00:00', to: '24:00', zone: 'America/New_York' };
  expect(opens('2026-11-25T12:00:00Z', always, frozen(freeze))).toBe('2026-12-01T00:00:00.000Z');
});

test('two windows that never meet never open', () => {
  const morning: Window = { days: ['mon'], from: '08:00', to: '09:00', zone: 'UTC' };
  const evening: Window = { days: ['mon'], from: '18:00', to: '19:00', zone: 'UTC' };
  const windows = [...named(morning), ...named(evening)];
  expect(nextOpening(new Date('2026-01-12T12:00:00Z'), windows, [])).toBeNull();
});

test('at the moment that it names, it is open', () => {
  const zones = [
    'Asia/Kathmandu',
    'Pacific/Apia',
    'Europe/London',
    'Australia/Lord_Howe',
    'America/St_Johns',
  ];
  for (const zone of zones) {
    for (const from of ['00:00', '01:45', '02:15', '23:30']) {
      const window: Window = { days: ['sun'], from, to: '23:45', zone };
      for (const now of ['2026-03-25T00:00:00Z', '2026-10-21T00:00:00Z', '2026-04-01T12:34:56Z']) {
        const opening = nextOpening(new Date(now), named(window), []);
        expect(opening, `${zone} ${from} ${now}`).not.toBeNull();
        if (opening === null) continue;
        expect(windowState(opening, named(window), []).open).toBe(true);
        expect(windowState(new Date(opening.getTime() - 1), named(window), []).open).toBe(false);
      }
    }
  }
});

test('an open window says until when: its end, or the beginning of a freeze before that', () => {
  const closes = (
    at: string,
    window: Window,
    freezes = frozen({ from: '2000-01-01', to: '2000-01-01', zone: 'UTC' }),
  ) => nextClosing(new Date(at), named(window), freezes)?.toISOString();
  expect(closes('2026-01-14T15:00:00Z', OFFICE)).toBe('2026-01-14T21:00:00.000Z');
  const night: Window = { days: ALL, from: '22:00', to: '04:00', zone: 'UTC' };
  expect(closes('2026-01-14T23:00:00Z', night)).toBe('2026-01-15T04:00:00.000Z');
  expect(closes('2026-01-15T03:00:00Z', night)).toBe('2026-01-15T04:00:00.000Z');
  const whole: Window = { days: ALL, from: '00:00', to: '24:00', zone: 'UTC' };
  expect(closes('2026-01-14T23:00:00Z', whole)).toBe('2026-01-15T00:00:00.000Z');
  const freeze = frozen({ from: '2026-01-15', to: '2026-01-16', zone: 'UTC' });
  expect(closes('2026-01-14T23:00:00Z', night, freeze)).toBe('2026-01-15T00:00:00.000Z');
  expect(nextClosing(new Date('2026-01-14T23:00:00Z'), [], [])).toBe(null);
});

test('a recurrence keeps to the wall clock of its zone over both changes of clocks', () => {
  const sundays: Window = {
    rule: 'DTSTART;TZID=Europe/Berlin:20260301T020000\nRRULE:FREQ=WEEKLY;BYDAY=SU',
    durationMs: 2 * 3_600_000,
  };
  expect(opens('2026-03-21T00:00:00Z', sundays)).toBe('2026-03-22T01:00:00.000Z');
  // Clocks go forward from 2:00 to 3:00. RFC 5545, section 3.3.10: an occurrence at a time that does not exist is left out.
  expect(opens('2026-03-28T00:00:00Z', sundays)).toBe('2026-04-05T00:00:00.000Z');
  expect(opens('2026-04-04T00:00:00Z', sundays)).toBe('2026-04-05T00:00:00.000Z');
  // Clocks go back at 3:00: 2:00 comes twice, and the first is meant.
  expect(opens('2026-10-24T00:00:00Z', sundays)).toBe('2026-10-25T00:00:00.000Z');
  const state = windowState(new Date('2026-04-05T01:00:00Z'), named(sundays), []);
  expect(state).toEqual({ open: true, closesAt: '2026-04-05T02:00:00.000Z' });
});

test('a recurrence with a count ends', () => {
  const twice: Window = { rule: 'DTSTART:20260301T020000Z\nRRULE:FREQ=DAILY;COUNT=2', durationMs: 3_600_000 };
  expect(opens('2026-03-02T01:00:00Z', twice)).toBe('2026-03-02T02:00:00.000Z');
  expect(opens('2026-03-02T03:00:00Z', twice)).toBeNull();
});

test('an interval is open once', () => {
  const once: Window = { start: '2026-11-28T02:00:00.000Z', end: '2026-11-28T06:00:00.000Z' };
  expect(opens('2026-11-27T00:00:00Z', once)).toBe('2026-11-28T02:00:00.000Z');
  expect(windowState(new Date('2026-11-28T05:59:59Z'), named(once), [])).toEqual({
    open: true,
    closesAt: '2026-11-28T06:00:00.000Z',
  });
  expect(windowState(new Date('2026-11-28T06:00:00Z'), named(once), [])).toEqual({
    open: false,
    why: 'outside the window "the window" (2026-11-28T02:00:00.000Z to 2026-11-28T06:00:00.000Z)',
    opensAt: null,
    shut: ['the window'],
  });
});
