/** The windows and freezes of the bindings, checked. */
import type { BindingsDocument } from '../bindings-document.js';
import type { Freeze, Window } from '../plan.js';
import { below } from '../pointer.js';
import { parseFreeze, parseWindow } from '../sentence/calendar.js';
import type { Reading } from '../sentence/reading.js';
import { isZone } from '../sentence/zone.js';
import { type Reporter, shorten } from './reporter.js';

const WINDOW_FORMS =
  '"Weekdays 10:00-16:00 Europe/Berlin", "2026-11-28T02:00Z/PT4H", or "DTSTART:... RRULE:... DURATION:..." of iCalendar';
const FREEZE_FORM = '"No changes from 2026-12-20 to 2027-01-02 Europe/Berlin"';

export function compileWindows(
  windows: NonNullable<BindingsDocument['windows']>,
  reporter: Reporter,
): Map<string, Window> {
  const compiled = new Map<string, Window>();
  for (const [sentence, window] of Object.entries(windows)) {
    const pointer = below('/windows', sentence);
    if (typeof window === 'string') {
      const reading = parseWindow(window);
      if (reading.kind === 'understood') compiled.set(sentence, reading.value);
      else reportUnread(window, reading, 'window', WINDOW_FORMS, pointer, reporter);
      continue;
    }
    const { days, from, to, zone } = window;
    reportZone(zone, below(pointer, 'zone'), reporter);
    for (const [key, time] of [
      ['from', from],
      ['to', to],
    ] as const) {
      if (time >= '00:00' && time <= (key === 'to' ? '24:00' : '23:59') && /^\d\d:[0-5]\d$/.test(time))
        continue;
      reporter.report(below(pointer, key), {
        code: 'bad-time',
        message: `"${time}" is not a time of day`,
        advice: 'Write it as "HH:MM" with 24 hours; a window may end at "24:00".',
      });
    }
    if (days.length === 0) {
      reporter.report(below(pointer, 'days'), {
        code: 'empty-window',
        message: 'a window without days never opens',
        advice: 'Name its days: [mon, tue, wed, thu, fri].',
      });
    }
    compiled.set(sentence, { days: [...days], from, to, zone });
  }
  return compiled;
}

export function compileFreezes(
  freezes: NonNullable<BindingsDocument['freezes']>,
  reporter: Reporter,
): Map<string, Freeze> {
  const compiled = new Map<string, Freeze>();
  for (const [sentence, freeze] of Object.entries(freezes)) {
    const pointer = below('/freezes', sentence);
    if (typeof freeze === 'string') {
      const reading = parseFreeze(freeze);
      if (reading.kind === 'understood') compiled.set(sentence, reading.value);
      else reportUnread(freeze, reading, 'freeze', FREEZE_FORM, pointer, reporter);
      continue;
    }
    const { from, to, zone } = freeze;
    reportZone(zone ?? 'UTC', below(pointer, 'zone'), reporter);
    for (const [key, day] of [
      ['from', from],
      ['to', to],
    ] as const) {
      if (/^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(`${day}T00:00:00Z`))) continue;
      reporter.report(below(pointer, key), {
        code: 'bad-date',
        message: `"${day}" is not a day`,
        advice: 'Write it as "YYYY-MM-DD".',
      });
    }
    if (from > to) {
      reporter.report(pointer, {
        code: 'empty-freeze',
        message: `the freeze ends on ${to}, before it begins on ${from}`,
        advice: 'Swap the two days.',
      });
    }
    compiled.set(sentence, { from, to, zone: zone ?? 'UTC' });
  }
  return compiled;
}

function reportUnread(
  text: string,
  reading: Unread,
  what: 'window' | 'freeze',
  form: string,
  pointer: string,
  reporter: Reporter,
): void {
  reporter.report(pointer, {
    code: 'not-understood',
    message: `"${shorten(text)}" is not a ${what}: ${whyUnread(reading)}`,
    advice: `Write it like ${form}.`,
  });
}

type Unread = Exclude<Reading<unknown>, { readonly kind: 'understood' }>;

/** Why nothing was read, for a person. */
export function whyUnread(reading: Unread): string {
  if (reading.kind === 'none') return 'it names no days and times';
  return reading.words === '' ? 'it names no time zone' : `"${shorten(reading.words)}" is not understood`;
}

function reportZone(zone: string, pointer: string, reporter: Reporter): void {
  if (isZone(zone)) return;
  reporter.report(pointer, {
    code: 'unknown-zone',
    message: `"${zone}" is not a time zone`,
    advice: 'Use an IANA name such as "America/New_York" or "UTC".',
  });
}
