/** Durations as people write them in a strategy, in milliseconds. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** A longer duration is a mistake: nothing here waits for more than ten years. */
const LONGEST = 3650 * DAY;

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND,
  sec: SECOND,
  second: SECOND,
  m: MINUTE,
  min: MINUTE,
  minute: MINUTE,
  h: HOUR,
  hr: HOUR,
  hour: HOUR,
  d: DAY,
  day: DAY,
  w: WEEK,
  wk: WEEK,
  week: WEEK,
  month: 30 * DAY,
};

const UNIT = 'ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?|months?';
const ISO =
  /^P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6}(?:\.\d{1,3})?)S)?)?$/i;
/** "3 days", "2-3 hours", "1 to 2 weeks", "1.5h". */
const TERM = new RegExp(
  `(?<=^|[^\\w.]|\\d(?:${UNIT}))(\\d{1,9}(?:\\.\\d{1,6})?)(?:\\s{0,3}(?:-|–|to)\\s{0,3}(\\d{1,9}(?:\\.\\d{1,6})?))?[\\s-]{0,3}(${UNIT})(?![a-z])`,
  'gi',
);
/** What may stand between two terms of one duration: "1 hour 30 minutes", "1h30m", "1 day and 2 hours". */
const JOINT = /^[\s,]*(?:and)?[\s,]*$/i;
const LEAD =
  /^\s*(?:(?:about|approx\.?|approximately|around|up to|at most|within|first|the|for|~|<|<=|≤)\s*)*$/i;
const SOAK_WORD =
  /\b(?:observ(?:e|es|ed|ing|ation)|soak(?:s|ed|ing)?|bak(?:e|es|ed|ing)|monitor(?:ed|ing)?)\b/i;

interface Span {
  readonly ms: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads "30 minutes", "2-3 hours" (the longer), "1h30m", "3 days observation", "10s", "PT5M". Words after the duration
 * are left alone. Milliseconds; null when the text does not begin with a duration or the duration is beyond ten years.
 */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed.length > 200) return null;
  const iso = parseIso(trimmed);
  if (iso !== null) return within(iso);
  const [first] = spansOf(trimmed);
  if (first === undefined || !LEAD.test(trimmed.slice(0, first.start))) return null;
  return within(first.ms);
}

/**
 * How long a step must stay quiet: `x-soak`, else the estimate when it speaks of observing, soaking, baking or
 * monitoring. Milliseconds, 0 without a soak; null when a soak is asked for and its length cannot be read.
 */
export function soakOf(
  estimated: string | null | undefined,
  xSoak: string | null | undefined,
): number | null {
  if (xSoak != null) return parseDuration(xSoak);
  if (estimated == null) return 0;
  const word = SOAK_WORD.exec(estimated.slice(0, 500));
  if (word === null) return 0;
  const spans = spansOf(estimated.slice(0, 500));
  const before = spans.findLast((span) => span.end <= word.index);
  const span = before ?? spans.find((each) => each.start >= word.index);
  return span === undefined ? null : within(span.ms);
}

/** The durations in a text; terms that follow each other are one. */
function spansOf(text: string): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(TERM)) {
    const term = { ms: termOf(match), start: match.index, end: match.index + match[0].length };
    const last = spans.at(-1);
    if (last !== undefined && JOINT.test(text.slice(last.end, term.start))) {
      spans[spans.length - 1] = { ms: last.ms + term.ms, start: last.start, end: term.end };
    } else {
      spans.push(term);
    }
  }
  return spans;
}

function termOf(match: RegExpExecArray): number {
  const [, low = '0', high, word = ''] = match;
  return Number(high ?? low) * unitOf(word);
}

function unitOf(word: string): number {
  const lower = word.toLowerCase();
  if (lower.startsWith('milli')) return 1;
  return UNITS[lower] ?? UNITS[lower.replace(/s$/, '')] ?? 0;
}

function parseIso(text: string): number | null {
  const match = ISO.exec(text);
  if (match === null || /[PT]$/i.test(text)) return null;
  const [, weeks, days, hours, minutes, seconds] = match;
  const sum = (count: string | undefined, unit: number): number => Number(count ?? 0) * unit;
  return sum(weeks, WEEK) + sum(days, DAY) + sum(hours, HOUR) + sum(minutes, MINUTE) + sum(seconds, SECOND);
}

function within(ms: number): number | null {
  return ms <= LONGEST ? Math.round(ms) : null;
}
