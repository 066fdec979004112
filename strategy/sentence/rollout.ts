/**
 * Rollout plans: "5% for 24h, 25% for 24h, 100%", "10% (2 hours) -> 50% of users -> 100%". Understood whole, or not at all:
 * the shares rise, none is above 100%, and nothing but separators and little words stands between them.
 */
import { takeDuration } from './duration.js';
import { takeNumber } from './number.js';
import { LONGEST } from './reading.js';
import { pattern, Scanner, wordsPattern } from './scanner.js';

/** A share of the traffic, and for how long it is observed; null when the text does not say. */
export interface RolloutStage {
  readonly percent: number;
  readonly soakMs: number | null;
}

/** `words`: what is not understood. */
export type RolloutReading = { readonly stages: readonly RolloutStage[] } | { readonly words: string };

const SEPARATOR = /(?:->|→|[,;]|\b(?:and then|then|and)\b)/iuy;
const LEAD = wordsPattern(['start at', 'start with', 'roll out to', 'ramp to', 'to', 'at']);
const PERCENT = pattern('(?:%|percent\\b)');
const OBJECT = wordsPattern([
  'of traffic',
  'of the traffic',
  'of users',
  'of all users',
  'of requests',
  'of the requests',
]);
const FOR = wordsPattern(['for', 'during']);
const OPEN = /\(/y;
const CLOSE = /\)/y;
const END = /\.$/y;

export function parseRollout(text: string): RolloutReading {
  if (text.length > LONGEST) return { words: text.slice(0, LONGEST) };
  const scanner = new Scanner(text.trim());
  const stages: RolloutStage[] = [];
  while (!scanner.done) {
    if (stages.length > 0 && !takeSeparators(scanner)) {
      if (scanner.take(END) !== null) break;
      return { words: scanner.rest };
    }
    const { rest } = scanner;
    const stage = scanner.attempt(() => takeStage(scanner));
    if (stage === null || stage.percent <= (stages.at(-1)?.percent ?? 0)) return { words: rest };
    stages.push(stage);
  }
  return stages.length === 0 ? { words: text } : { stages };
}

function takeSeparators(scanner: Scanner): boolean {
  let taken = false;
  while (scanner.take(SEPARATOR) !== null) taken = true;
  return taken;
}

function takeStage(scanner: Scanner): RolloutStage | null {
  scanner.take(LEAD);
  const percent = takeNumber(scanner);
  if (percent === null || percent > 100 || scanner.take(PERCENT) === null) return null;
  scanner.take(OBJECT);
  const bracketed = scanner.take(OPEN) !== null;
  const said = scanner.take(FOR) !== null;
  const soakMs = said || bracketed ? takeDuration(scanner) : null;
  if ((said || bracketed) && soakMs === null) return null;
  if (bracketed && scanner.take(CLOSE) === null) return null;
  return { percent, soakMs };
}
