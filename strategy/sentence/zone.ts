/** Time zones: IANA names, distances from UTC, and the abbreviations that mean one zone only. */
import { END_OF_WORD, pattern, type Scanner, wordsPattern } from './scanner.js';

/**
 * People write "EST" in summer too and mean the time in New York. Abbreviations of several zones are left out: CST is also
 * China's, IST India's, Israel's and Ireland's, BST Britain's and Bangladesh's, MST Arizona's, which has no summer time.
 */
const ABBREVIATIONS: readonly (readonly [RegExp, string])[] = [
  [wordsPattern(['UTC', 'GMT', 'Z']), 'UTC'],
  [wordsPattern(['EST', 'EDT', 'ET', 'Eastern(?: time)?', 'US Eastern(?: time)?']), 'America/New_York'],
  [wordsPattern(['CDT', 'CT', 'US Central(?: time)?']), 'America/Chicago'],
  [wordsPattern(['MDT', 'US Mountain(?: time)?']), 'America/Denver'],
  [wordsPattern(['PST', 'PDT', 'PT', 'US Pacific(?: time)?']), 'America/Los_Angeles'],
  [wordsPattern(['CET', 'CEST']), 'CET'],
  [wordsPattern(['EET', 'EEST']), 'EET'],
  [wordsPattern(['WET', 'WEST']), 'WET'],
  [wordsPattern(['JST']), 'Asia/Tokyo'],
];
const OFFSET = pattern('(?:UTC|GMT)?\\s*([+-])(\\d{1,2})(?::?([0-5]\\d))?(?!\\d)');
const NAME = pattern(`[A-Z][A-Za-z_]*(?:/[A-Z][A-Za-z_+-]*[0-9]*){1,2}${END_OF_WORD}`);
const OPEN = /\(/y;
const CLOSE = /\)/y;

/** Takes a zone, in brackets or not; null when none stands there, or no zone has that name. */
export function takeZone(scanner: Scanner): string | null {
  return scanner.attempt(() => {
    const bracketed = scanner.take(OPEN) !== null;
    const zone = takeOffset(scanner) ?? takeName(scanner) ?? takeAbbreviation(scanner);
    return bracketed && scanner.take(CLOSE) === null ? null : zone;
  });
}

function takeOffset(scanner: Scanner): string | null {
  return scanner.attempt(() => {
    const found = scanner.take(OFFSET);
    if (found === null) return null;
    const [, sign, hours = '', minutes = '00'] = found;
    return Number(hours) > 14 ? null : `${sign}${hours.padStart(2, '0')}:${minutes}`;
  });
}

function takeName(scanner: Scanner): string | null {
  return scanner.attempt(() => {
    const name = scanner.take(NAME)?.[0];
    return name !== undefined && isZone(name) ? name : null;
  });
}

function takeAbbreviation(scanner: Scanner): string | null {
  return ABBREVIATIONS.find(([words]) => scanner.take(words) !== null)?.[1] ?? null;
}

/** True for an IANA time zone that this machine knows. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
