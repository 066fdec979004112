/**
 * Soaks in an estimate: "3 days observation", "30 minutes deploy, then observe for 3 days", "5 minutes (no soak)".
 *
 * The text is read clause by clause. A clause without a word such as "observe" is work, whatever else it says. One with
 * such a word must be understood whole: a duration, the word, and little words between them.
 */
import { takeDuration, takeEstimate } from './duration.js';
import { parseIsoDuration } from './iso-duration.js';
import { LONGEST } from './reading.js';
import { Scanner, wordsPattern } from './scanner.js';

/** `words`: what of a soak is not understood. */
export type SoakReading = { readonly ms: number } | { readonly words: string };

const SOAK = wordsPattern([
  'observ(?:e|es|ed|ing|ation)',
  'soak(?:s|ed|ing)?',
  'bak(?:e|es|ed|ing)',
  'monitor(?:s|ed|ing)?',
  'watch(?:es|ed|ing)?',
  'burn-?in',
  'stabili[sz]ation',
]);
const NEGATION = wordsPattern(['no', 'not', 'without', 'zero', 'skip']);
const SEPARATOR = /(?:[,;+]|\b(?:and then|then|and|followed by|plus|after which)\b)/iuy;
const OPEN = /\(/y;
const CLOSE = /\)/y;
const FILLER = wordsPattern([
  'of',
  'for',
  'a',
  'an',
  'the',
  'at',
  'in',
  'is',
  'it',
  'we',
  'time',
  'period',
  'window',
  'phase',
  'afterwards',
  'needed',
  'required',
  'necessary',
  'further',
  'another',
]);
const PUNCTUATION = /[:.–—-]/y;
const WORD = /[^\s,;+()]+/y;

interface Clause {
  readonly durations: readonly number[];
  /** It mentions a soak, and excludes it: "no soak", "without monitoring". */
  readonly soak: boolean;
  readonly negated: boolean;
  readonly text: string;
  /** Words that are neither. */
  readonly unknown: readonly string[];
  /** Stands in brackets, and so belongs to the clause before it. */
  readonly bracketed: boolean;
}

/** How long the text says to stay quiet: 0 ms without a soak. Several soaks follow each other. */
export function parseSoak(text: string): SoakReading {
  if (text.length > LONGEST) return { ms: 0 };
  let total = 0;
  for (const clause of joined(clausesOf(text))) {
    if (!clause.soak) continue;
    const [ms, more] = clause.durations;
    if (ms === undefined || more !== undefined) return { words: clause.text };
    if (clause.negated) return { words: clause.text };
    if (clause.unknown.length > 0) return { words: clause.unknown.join(' ') };
    total += ms;
  }
  return { ms: total };
}

/**
 * How long the work of an estimate takes, without its soaks; null when it names no duration.
 * Only a limit depends on it, so that words beside the durations do no harm.
 */
export function parseEstimate(text: string): number | null {
  const iso = parseIsoDuration(text.trim());
  if (iso !== null) return iso;
  const durations = joined(clausesOf(text.slice(0, LONGEST)))
    .filter(({ soak }) => !soak)
    .flatMap((clause) => clause.durations);
  return durations.length === 0 ? null : durations.reduce((sum, ms) => sum + ms, 0);
}

function clausesOf(text: string): readonly Clause[] {
  const scanner = new Scanner(text);
  const clauses: Clause[] = [];
  let bracketed = false;
  while (!scanner.done) {
    if (scanner.take(OPEN) !== null) bracketed = true;
    else if (scanner.take(CLOSE) !== null) bracketed = false;
    else if (scanner.take(SEPARATOR) === null) clauses.push(takeClause(scanner, bracketed));
  }
  return clauses;
}

function takeClause(scanner: Scanner, bracketed: boolean): Clause {
  const start = scanner.at;
  const durations: number[] = [];
  const unknown: string[] = [];
  let soak = false;
  let negated = false;
  while (!scanner.done && !atBorder(scanner)) {
    const ms = takeEstimate(scanner) ?? takeDuration(scanner);
    if (ms !== null) durations.push(ms);
    else if (scanner.take(SOAK) !== null) soak = true;
    else if (takeNegatedSoak(scanner)) negated = true;
    else if (scanner.take(FILLER) === null && scanner.take(PUNCTUATION) === null) {
      unknown.push(scanner.take(WORD)?.[0] ?? '');
    }
  }
  return { durations, soak, negated, unknown, bracketed, text: scanner.text.slice(start, scanner.at).trim() };
}

/** "no soak", "without the observation"; "with no errors" is nothing of this kind. */
function takeNegatedSoak(scanner: Scanner): boolean {
  const taken = scanner.attempt(() => {
    if (scanner.take(NEGATION) === null) return null;
    while (scanner.take(FILLER) !== null);
    return scanner.take(SOAK);
  });
  return taken !== null;
}

function atBorder(scanner: Scanner): boolean {
  const { at } = scanner;
  const border = [SEPARATOR, OPEN, CLOSE].some((pattern) => scanner.take(pattern) !== null);
  scanner.at = at;
  return border;
}

/** "observation (3 days)" and "5 minutes (no soak)" are one clause each; "30 minutes (3 days observation)" are two. */
function joined(clauses: readonly Clause[]): readonly Clause[] {
  const all: Clause[] = [];
  for (const clause of clauses) {
    const last = all.at(-1);
    const alone = last !== undefined && last.durations.length + clause.durations.length === 1;
    if (last === undefined || !clause.bracketed || !alone || last.bracketed) {
      all.push(clause);
      continue;
    }
    all[all.length - 1] = {
      durations: [...last.durations, ...clause.durations],
      soak: last.soak || clause.soak,
      negated: last.negated || clause.negated,
      unknown: [...last.unknown, ...clause.unknown],
      bracketed: false,
      text: `${last.text} (${clause.text})`,
    };
  }
  return all;
}
