/**
 * Sentences about when a migration may run, or may not:
 *
 *     window   = [ "only" ] [ days [ "," ] ] time "-" time zone [ "," days ]    "Weekdays 10am-4pm EST"
 *              | moment "/" ( moment | duration )                              an interval of ISO 8601
 *              | DTSTART RRULE DURATION                                        properties of iCalendar
 *     timetable = [ days [ "," ] ] time zone                                   "Sunday 03:00 UTC"
 *     freeze   = "no changes" | "change freeze" | ... [ "from" ] day "to" day zone
 *
 * A sentence is understood whole, its time zone included, or not at all: one word too many, and it says which.
 */
import type { Freeze, Timetable, Weekday, Window } from '../plan.js';
import { parseInterval } from './interval.js';
import { LONGEST, type Reading } from './reading.js';
import { parseRecurrence } from './recurrence.js';
import { pattern, Scanner, wordsPattern } from './scanner.js';
import { takeTime, takeTimeRange } from './time-of-day.js';
import { takeZone } from './zone.js';

const DAYS: readonly (readonly [RegExp, Weekday])[] = [
  [wordsPattern(['mondays?', 'mon']), 'mon'],
  [wordsPattern(['tuesdays?', 'tues?']), 'tue'],
  [wordsPattern(['wednesdays?', 'weds?']), 'wed'],
  [wordsPattern(['thursdays?', 'thurs?', 'thu']), 'thu'],
  [wordsPattern(['fridays?', 'fri']), 'fri'],
  [wordsPattern(['saturdays?', 'sat']), 'sat'],
  [wordsPattern(['sundays?', 'sun']), 'sun'],
];
const WEEK: readonly Weekday[] = DAYS.map(([, day]) => day);
const GROUPS: readonly (readonly [RegExp, readonly Weekday[]])[] = [
  [
    wordsPattern(['weekdays?', 'week days?', 'workdays?', 'working days?', 'business days?']),
    WEEK.slice(0, 5),
  ],
  [wordsPattern(['weekends?']), WEEK.slice(5)],
  [wordsPattern(['daily', 'days?', 'nightly', 'nights?']), WEEK],
];
const LEAD = wordsPattern(['only', 'any', 'every', 'each', 'on', 'at', 'between', 'from', 'during']);
const TO = pattern('(?:-|–|—|to\\b|through\\b|until\\b|till\\b)');
const AND = pattern('(?:,\\s*(?:and\\b)?|and\\b|&|/)');
const COMMA = /[,:]/y;
const END = /\.?\s*$/y;

/** The window of a sentence such as "Weekdays 10am-4pm EST". */
export function parseWindow(text: string): Reading<Window> {
  if (text.length > LONGEST) return { kind: 'none' };
  return parseInterval(text) ?? parseRecurrence(text) ?? parseWeekly(text);
}

function parseWeekly(text: string): Reading<Window> {
  const scanner = new Scanner(text);
  takeLeads(scanner);
  const before = takeDays(scanner);
  scanner.take(COMMA);
  takeLeads(scanner);
  const times = takeTimeRange(scanner);
  if (times === null) return before === null || scanner.done ? { kind: 'none' } : partly(scanner);
  const zone = takeZone(scanner);
  if (zone === null) return partly(scanner);
  let days = before;
  if (before === null) {
    scanner.take(COMMA);
    takeLeads(scanner);
    days = takeDays(scanner) ?? WEEK;
  }
  if (days === null || scanner.take(END) === null) return partly(scanner);
  return { kind: 'understood', value: { days, ...times, zone } };
}

/** When something comes again, with its time zone: "daily at 02:00 UTC", "Sunday 3am Europe/Berlin"; null for anything else. */
export function parseTimetable(text: string): Timetable | null {
  if (text.length > LONGEST) return null;
  const scanner = new Scanner(text);
  takeLeads(scanner);
  const days = takeDays(scanner) ?? WEEK;
  scanner.take(COMMA);
  takeLeads(scanner);
  const at = takeTime(scanner);
  const zone = at === null ? null : takeZone(scanner);
  return at === null || zone === null || scanner.take(END) === null ? null : { days, at, zone };
}

function takeLeads(scanner: Scanner): void {
  while (scanner.take(LEAD) !== null);
}

/** "Mon-Fri", "Saturday and Sunday", "weekdays"; in the order of the week. */
function takeDays(scanner: Scanner): readonly Weekday[] | null {
  const first = scanner.attempt(() => takeDayRange(scanner));
  if (first === null) return null;
  const days = new Set(first);
  for (;;) {
    const more = scanner.attempt(() => (scanner.take(AND) === null ? null : takeDayRange(scanner)));
    if (more === null) return WEEK.filter((day) => days.has(day));
    for (const day of more) days.add(day);
  }
}

function takeDayRange(scanner: Scanner): readonly Weekday[] | null {
  for (const [words, days] of GROUPS) if (scanner.take(words) !== null) return days;
  const from = takeDay(scanner);
  if (from === null) return null;
  const to = scanner.attempt(() => (scanner.take(TO) === null ? null : takeDay(scanner)));
  if (to === null) return [from];
  const length = ((WEEK.indexOf(to) - WEEK.indexOf(from) + 7) % 7) + 1;
  return [...WEEK, ...WEEK].slice(WEEK.indexOf(from), WEEK.indexOf(from) + length);
}

function takeDay(scanner: Scanner): Weekday | null {
  return DAYS.find(([words]) => scanner.take(words) !== null)?.[1] ?? null;
}

const FREEZE = wordsPattern([
  'no (?:production )?(?:changes?|deployments?|deploys?|releases?|migrations?)',
  '(?:change |code |deployment |release |production )?(?:freeze|blackout)(?: period)?',
]);
const FREEZE_LEAD = pattern('(?:from\\b|between\\b|during\\b|is\\b|on\\b|:)');
const DAY = /\d{4}-\d\d-\d\d(?![\dT])/y;
const FREEZE_TO = pattern('(?:-|–|—|/|to\\b|through\\b|until\\b|till\\b|and\\b)');

/** The freeze of a sentence such as "No changes from 2026-12-20 to 2027-01-02 UTC". */
export function parseFreeze(text: string): Reading<Freeze> {
  if (text.length > LONGEST) return { kind: 'none' };
  const scanner = new Scanner(text);
  if (scanner.take(FREEZE) === null) return { kind: 'none' };
  while (scanner.take(FREEZE_LEAD) !== null);
  const from = takeDate(scanner);
  if (from === null || scanner.take(FREEZE_TO) === null) return partly(scanner);
  const to = takeDate(scanner);
  if (to === null || to < from) return partly(scanner);
  const zone = takeZone(scanner);
  if (zone === null || scanner.take(END) === null) return partly(scanner);
  return { kind: 'understood', value: { from, to, zone } };
}

/** "YYYY-MM-DD" of a day that exists. */
function takeDate(scanner: Scanner): string | null {
  return scanner.attempt(() => {
    const day = scanner.take(DAY)?.[0];
    if (day === undefined) return null;
    const at = Date.parse(`${day}T00:00:00Z`);
    return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day) ? day : null;
  });
}

/** What is left; when nothing is, the time zone is missing. */
function partly(scanner: Scanner): Reading<never> {
  return { kind: 'partly', words: scanner.rest, names: [] };
}
