/**
 * Recurrences in the properties of iCalendar (RFC 5545, section 3.8): a start, a rule, and how long each occurrence lasts.
 *
 *     DTSTART;TZID=Europe/Berlin:20261101T020000 RRULE:FREQ=WEEKLY;BYDAY=SU DURATION:PT4H
 */
import type { RecurringWindow } from '../plan.js';
import { parseIsoDuration } from './iso-duration.js';
import type { Reading } from './reading.js';
import { isZone } from './zone.js';

const PROPERTY = /^(?:(DTSTART)(?:;TZID=([^:]+))?:(\d{8}T\d{6})(Z?)|(RRULE):(\S+)|(DURATION):(\S+))$/i;
const LIST = (item: string): RegExp => new RegExp(`^${item}(?:,${item})*$`, 'i');

/** The parts of a rule that recurs daily or less often, with their values. */
const PARTS: Readonly<Record<string, RegExp>> = {
  FREQ: /^(?:DAILY|WEEKLY|MONTHLY|YEARLY)$/i,
  INTERVAL: /^[1-9]\d{0,2}$/,
  COUNT: /^[1-9]\d{0,4}$/,
  UNTIL: /^\d{8}T\d{6}Z$/i,
  BYDAY: LIST('(?:[+-]?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)'),
  BYMONTHDAY: LIST('-?(?:[1-9]|[12]\\d|3[01])'),
  BYMONTH: LIST('(?:[1-9]|1[0-2])'),
  BYSETPOS: LIST('-?[1-9]\\d{0,2}'),
  BYHOUR: LIST('(?:1?\\d|2[0-3])'),
  BYMINUTE: LIST('[1-5]?\\d'),
  WKST: /^(?:MO|TU|WE|TH|FR|SA|SU)$/i,
};

/** An occurrence is a window, and not most of a lifetime. */
const LONGEST_MS = 366 * 24 * 60 * 60_000;

/** Null for a text of another kind. */
export function parseRecurrence(text: string): Reading<RecurringWindow> | null {
  if (!/\b(?:RRULE|DTSTART)\b/i.test(text)) return null;
  let start: string | null = null;
  let rule: string | null = null;
  let durationMs: number | null = null;
  for (const property of text.trim().split(/\s+/)) {
    const [, dtstart, zone, at, utc, rrule, parts, duration, iso] = PROPERTY.exec(property) ?? [];
    if (dtstart !== undefined && at !== undefined && start === null && hasOneZone(zone, utc)) {
      start = zone === undefined ? `DTSTART:${at}Z` : `DTSTART;TZID=${zone}:${at}`;
    } else if (rrule !== undefined && parts !== undefined && rule === null && isRule(parts)) {
      rule = `RRULE:${parts.toUpperCase()}`;
    } else if (duration !== undefined && iso !== undefined && durationMs === null) {
      durationMs = parseIsoDuration(iso);
      if (durationMs === null || durationMs === 0 || durationMs > LONGEST_MS) return partly(property);
    } else {
      return partly(property);
    }
  }
  if (start === null) return partly('no DTSTART');
  if (rule === null) return partly('no RRULE');
  if (durationMs === null) return partly('no DURATION');
  return { kind: 'understood', value: { rule: `${start}\n${rule}`, durationMs } };
}

function hasOneZone(zone: string | undefined, utc: string | undefined): boolean {
  return zone === undefined ? utc?.toUpperCase() === 'Z' : utc === '' && isZone(zone);
}

function isRule(parts: string): boolean {
  const pairs = parts.split(';').map((part) => part.split('='));
  const names = pairs.map(([name = '']) => name.toUpperCase());
  return (
    names.includes('FREQ') &&
    new Set(names).size === names.length &&
    !(names.includes('COUNT') && names.includes('UNTIL')) &&
    pairs.every(
      ([, value = '', ...rest], index) =>
        rest.length === 0 && (PARTS[names[index] ?? '']?.test(value) ?? false),
    )
  );
}

function partly(words: string): Reading<never> {
  return { kind: 'partly', words, names: [] };
}
