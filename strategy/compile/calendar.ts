/** The windows and freezes of the bindings, checked. */
import type { BindingsDocument } from '../bindings-document.js';
import type { Freeze, Window } from '../plan.js';
import { below } from '../pointer.js';
import { minuteOf } from '../window.js';
import type { Reporter } from './reporter.js';

export function compileWindows(
  windows: NonNullable<BindingsDocument['windows']>,
  reporter: Reporter,
): Map<string, Window> {
  const compiled = new Map<string, Window>();
  for (const [sentence, { days, from, to, zone }] of Object.entries(windows)) {
    const pointer = below('/windows', sentence);
    reportZone(zone, below(pointer, 'zone'), reporter);
    for (const [key, time] of [
      ['from', from],
      ['to', to],
    ] as const) {
      if (/^\d\d:[0-5]\d$/.test(time) && minuteOf(time) <= (key === 'to' ? 1440 : 1439)) continue;
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
  for (const [sentence, { from, to, zone }] of Object.entries(freezes)) {
    const pointer = below('/freezes', sentence);
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

function reportZone(zone: string, pointer: string, reporter: Reporter): void {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    reporter.report(pointer, {
      code: 'unknown-zone',
      message: `"${zone}" is not a time zone`,
      advice: 'Use an IANA name such as "America/New_York" or "UTC".',
    });
  }
}
