/** Frequencies: "Every 15 minutes", "hourly", "once per day", "30 s", and "continuously", which leaves the pace to the watch. */
import { takeDuration } from './duration.js';
import { LONGEST } from './reading.js';
import { Scanner, wordsPattern } from './scanner.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const EVERY = wordsPattern(['once every', 'once per', 'once an', 'once a', 'every', 'each', 'per']);
const CONTINUOUSLY = wordsPattern(['continuous', 'continuously', 'all the time', 'real-time', 'real time']);

const UNITS: readonly (readonly [RegExp, number])[] = [
  [wordsPattern(['minute']), MINUTE],
  [wordsPattern(['hour']), HOUR],
  [wordsPattern(['day']), DAY],
  [wordsPattern(['week']), 7 * DAY],
];

const ADVERBS: readonly (readonly [RegExp, number])[] = [
  [wordsPattern(['hourly']), HOUR],
  [wordsPattern(['daily']), DAY],
  [wordsPattern(['weekly']), 7 * DAY],
];

/** Milliseconds between two times; 0 for "continuously"; null for a text that is not a frequency and nothing else. */
export function parseFrequency(text: string): number | null {
  if (text.length > LONGEST) return null;
  const scanner = new Scanner(text.trim());
  const ms = takeFrequency(scanner);
  return scanner.done ? ms : null;
}

function takeFrequency(scanner: Scanner): number | null {
  if (scanner.take(CONTINUOUSLY) !== null) return 0;
  const adverb = takeOneOf(scanner, ADVERBS);
  if (adverb !== null) return adverb;
  const every = scanner.take(EVERY) !== null;
  const ms = takeDuration(scanner) ?? (every ? takeOneOf(scanner, UNITS) : null);
  return ms === 0 ? null : ms;
}

function takeOneOf(scanner: Scanner, choices: readonly (readonly [RegExp, number])[]): number | null {
  return choices.find(([word]) => scanner.take(word) !== null)?.[1] ?? null;
}
