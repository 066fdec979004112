/** Names of runs: readable, sortable by time within a strategy, safe in a shell, a URL and a path. */
import { randomInt } from 'node:crypto';
import { SluiceError } from './error.js';

const ALLOWED = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
/** Without letters and digits that are mistaken for one another. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

/** `<strategy>-<yyyymmdd>-<hhmmss>-<4 characters>`, in UTC. */
export function newRunId(strategy: string, now: Date): string {
  const slug = strategy
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  const [day = '', time = ''] = now.toISOString().slice(0, 19).replace(/[-:]/g, '').split('T');
  const chance = Array.from({ length: 4 }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');
  return `${slug || 'run'}-${day}-${time}-${chance}`;
}

/** @throws SluiceError `bad-run-id` */
export function checkRunId(run: string): string {
  if (ALLOWED.test(run)) return run;
  throw new SluiceError(
    'bad-run-id',
    `"${run}" cannot be the id of a run.`,
    'Use letters, digits, dots, dashes and underscores, starting with a letter or digit, 100 at most.',
  );
}
