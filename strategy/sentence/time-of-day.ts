/** Ranges of the time of day: "10am-4pm", "10:00 to 16:00", "between 10 p.m. and 4 a.m.", "2-4am", "noon until midnight". */
import { END_OF_WORD, pattern, type Scanner, wordsPattern } from './scanner.js';

/** "HH:MM"; `to` is exclusive and may be "24:00". */
export interface TimeRange {
  readonly from: string;
  readonly to: string;
}

const CLOCK = pattern(
  `(\\d{1,2})(?:[:.](\\d\\d))?\\s*(am|pm|a\\.m\\.|p\\.m\\.)?(?:\\s*h(?:rs?|ours?)?)?${END_OF_WORD}`,
);
const NOON = wordsPattern(['noon', 'midday']);
const MIDNIGHT = wordsPattern(['midnight']);
const TO = pattern('(?:-|–|—|to\\b|until\\b|till\\b|and\\b)');

interface Clock {
  readonly hour: number;
  readonly minute: number;
  readonly half: 'am' | 'pm' | null;
  /** With minutes or as a word: it can be read without "am" or "pm". */
  readonly exact: boolean;
}

/** Takes a range; null, too, when one of its ends can be read in two ways, such as "10-4pm" or "8-10". */
export function takeTimeRange(scanner: Scanner): TimeRange | null {
  return scanner.attempt(() => {
    const first = takeClock(scanner);
    if (first === null || scanner.take(TO) === null) return null;
    const second = takeClock(scanner);
    if (second === null) return null;
    // "2-4am" is said of one half of the day; "10-4pm" could be either.
    const shared = first.half === null && !first.exact && first.hour < second.hour ? second.half : first.half;
    const from = minutesOf({ ...first, half: shared });
    const to = minutesOf(second);
    if (from === null || to === null || from === to || from === 1440) return null;
    return { from: print(from), to: print(to === 0 ? 1440 : to) };
  });
}

/** Takes one time, as "HH:MM"; null for one that can be read in two ways, such as "8". */
export function takeTime(scanner: Scanner): string | null {
  return scanner.attempt(() => {
    const clock = takeClock(scanner);
    const minutes = clock === null ? null : minutesOf(clock);
    return minutes === null ? null : print(minutes % 1440);
  });
}

function takeClock(scanner: Scanner): Clock | null {
  if (scanner.take(NOON) !== null) return { hour: 12, minute: 0, half: null, exact: true };
  if (scanner.take(MIDNIGHT) !== null) return { hour: 0, minute: 0, half: null, exact: true };
  const found = scanner.take(CLOCK);
  if (found === null) return null;
  const [, hour, minute, half] = found;
  return {
    hour: Number(hour),
    minute: Number(minute ?? 0),
    half: half === undefined ? null : half.toLowerCase().startsWith('a') ? 'am' : 'pm',
    exact: minute !== undefined,
  };
}

function minutesOf({ hour, minute, half, exact }: Clock): number | null {
  if (minute > 59) return null;
  if (half === null) {
    const minutes = hour * 60 + minute;
    return exact && minutes <= 1440 ? minutes : null;
  }
  if (hour < 1 || hour > 12) return null;
  return ((hour % 12) + (half === 'pm' ? 12 : 0)) * 60 + minute;
}

function print(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
