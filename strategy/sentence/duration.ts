/** Durations: "30 minutes", "1h30m", "1 day and 2 hours", "1,5 hours", "2-3 hours" (the longer), and those of ISO 8601. */
import { parseIsoDuration } from './iso-duration.js';
import { takeNumber } from './number.js';
import { END_OF_LETTERS, pattern, Scanner, wordsPattern } from './scanner.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A longer duration is a mistake: nothing here waits for more than ten years. */
const LONGEST_MS = 3650 * DAY;

function unit(words: string, letter = ''): RegExp {
  const exact = letter === '' ? '' : `|${letter}`;
  // A digit may follow, as in "1h30m"; a letter may not.
  return pattern(`-?(?:${words}${exact})${END_OF_LETTERS}`);
}

/** From the longest to the shortest. */
const UNITS: readonly (readonly [RegExp, number])[] = [
  [unit('months?'), 30 * DAY],
  [unit('weeks?|wks?', 'w'), 7 * DAY],
  [unit('days?', 'd'), DAY],
  [unit('hours?|hrs?', 'h'), HOUR],
  [unit('minutes?|mins?', 'm'), MINUTE],
  [unit('milliseconds?|msecs?|ms'), 1],
  [unit('seconds?|secs?', 's'), SECOND],
];

const JOINT = /,?\s*(?:and\b)?/iuy;
const TO = /(?:-|–|—|to\b)/iuy;
const LEAD = wordsPattern([
  'about',
  'approx',
  'approximately',
  'around',
  'circa',
  'up to',
  'at most',
  'at least',
  'no more than',
  'not more than',
  'no less than',
  'not less than',
  'within',
  'max',
  'maximum',
]);
const TILDE = /(?:~|<=|≤|<|\.)/y;

/** Takes a duration in milliseconds; the terms of one become shorter: "2 days, 7 days" are two. */
export function takeDuration(scanner: Scanner): number | null {
  const first = scanner.attempt(() => takeTerm(scanner));
  if (first === null) return null;
  let { ms, unitMs } = first;
  for (;;) {
    const next = scanner.attempt(() => {
      scanner.take(JOINT);
      const term = takeTerm(scanner);
      return term !== null && term.unitMs < unitMs ? term : null;
    });
    if (next === null) return ms >= 0 && ms <= LONGEST_MS ? Math.round(ms) : null;
    ms += next.ms;
    unitMs = next.unitMs;
  }
}

/** Takes a duration, a range of which the longer end counts, or one with "about" before it. */
export function takeEstimate(scanner: Scanner): number | null {
  return scanner.attempt(() => {
    while (scanner.take(LEAD) !== null || scanner.take(TILDE) !== null);
    return scanner.attempt(() => takeRange(scanner)) ?? takeDuration(scanner);
  });
}

/** The milliseconds of a text that is a duration and nothing else; null for any other, and beyond ten years. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed.length > 200) return null;
  const iso = parseIsoDuration(trimmed);
  if (iso !== null) return iso <= LONGEST_MS ? Math.round(iso) : null;
  const scanner = new Scanner(trimmed);
  const ms = takeEstimate(scanner);
  return scanner.done ? ms : null;
}

function takeRange(scanner: Scanner): number | null {
  const low = takeTerm(scanner) ?? takeNumber(scanner);
  if (low === null || scanner.take(TO) === null) return null;
  return takeDuration(scanner);
}

function takeTerm(scanner: Scanner): { readonly ms: number; readonly unitMs: number } | null {
  return scanner.attempt(() => {
    const number = takeNumber(scanner);
    if (number === null || number < 0) return null;
    for (const [pattern, unitMs] of UNITS) {
      if (scanner.take(pattern) !== null) return { ms: number * unitMs, unitMs };
    }
    return null;
  });
}
