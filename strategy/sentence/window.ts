/** The time over which a comparison is meant: "for 5 minutes", "averaged over 10 minutes". */
import { takeDuration } from './duration.js';
import { type Scanner, wordsPattern } from './scanner.js';

export interface Window {
  readonly ms: number;
  /** `every`: each sample holds. `average`: their average does. */
  readonly aggregate: 'every' | 'average';
}

const COMMA = /,/y;
const AVERAGED = wordsPattern(['averaged', 'average', 'on average']);
const OVER = wordsPattern(['for', 'over', 'during', 'throughout', 'across']);
const SUSTAINED = wordsPattern(['sustained', 'continuously']);
const FILLER = wordsPattern(['at least', 'more than', 'the', 'a', 'any', 'last', 'past', 'whole', 'entire']);
const PERIOD = wordsPattern(['window', 'period', 'in a row', 'straight']);

/** Takes the window that stands behind an amount; null when none does. */
export function takeWindow(scanner: Scanner): Window | null {
  return scanner.attempt(() => {
    scanner.take(COMMA);
    const aggregate = scanner.take(AVERAGED) === null ? 'every' : 'average';
    if (aggregate === 'every') scanner.take(SUSTAINED);
    if (scanner.take(OVER) === null) return null;
    while (scanner.take(FILLER) !== null);
    const ms = takeDuration(scanner);
    scanner.take(PERIOD);
    return ms === null || ms === 0 ? null : { ms, aggregate };
  });
}
