/** Times counted from the completion of the migration: "30 days after completion", "T+7d", "immediately", "First 2 weeks". */
import { takeDuration } from './duration.js';
import { parseIsoDuration } from './iso-duration.js';
import { LONGEST, type Reading } from './reading.js';
import { pattern, Scanner, wordsPattern } from './scanner.js';

const AT_ONCE = wordsPattern(['immediately', 'at once', 'right away', 'directly']);
const AFTER = wordsPattern(['after', 'post', 'following', 'from', 'since']);
const PLUS = pattern('(?:T\\s*)?\\+');
const PERIOD = wordsPattern([
  ...['first', 'the first', 'within the first', 'during the first', 'over the first', 'for the first'],
  ...['within', 'during', 'over', 'for', 'after'],
]);
/** What the end of a migration is called. A cut-over, a go-live or a full rollout is something else, and comes earlier. */
const COMPLETION = wordsPattern(
  ['migration', 'the migration', 'completion', 'the completion', 'the end', 'successful migration'].flatMap(
    (it) => [
      it,
      ...[
        'of migration',
        'of the migration',
        'completes',
        'completed',
        'is complete',
        'is completed',
        'is done',
        'ends',
      ].map((rest) => `${it} ${rest}`),
      `${it} completion`,
    ],
  ),
);

/** When something begins: milliseconds after the completion. */
export function parseDelay(text: string): Reading<number> {
  return read(text, (scanner) => {
    if (scanner.take(AT_ONCE) !== null) {
      takeEnd(scanner);
      return 0;
    }
    if (scanner.take(PLUS) !== null) return takeDuration(scanner);
    const led = scanner.take(AFTER) !== null;
    const ms = takeDuration(scanner);
    if (ms !== null) {
      takeEnd(scanner);
      return ms;
    }
    return led && scanner.take(COMPLETION) !== null ? 0 : null;
  });
}

/** How long something lasts from the completion on, in milliseconds. */
export function parsePeriod(text: string): Reading<number> {
  return read(text, (scanner) => {
    scanner.take(PERIOD);
    const ms = takeDuration(scanner);
    if (ms !== null) takeEnd(scanner);
    return ms === 0 ? null : ms;
  });
}

function takeEnd(scanner: Scanner): void {
  scanner.attempt(() => (scanner.take(AFTER) === null ? null : scanner.take(COMPLETION)));
}

function read(text: string, take: (scanner: Scanner) => number | null): Reading<number> {
  if (text.length > LONGEST) return { kind: 'none' };
  const iso = parseIsoDuration(text.trim());
  if (iso !== null && iso > 0) return { kind: 'understood', value: Math.round(iso) };
  const scanner = new Scanner(text.trim().replace(/\.$/, ''));
  const value = scanner.attempt(() => take(scanner));
  if (value === null) return { kind: 'none' };
  return scanner.done ? { kind: 'understood', value } : { kind: 'partly', words: scanner.rest, names: [] };
}
