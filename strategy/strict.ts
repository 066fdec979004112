/** `--strict`: what is probably a slip stops the plan from being made. */
import type { Problem } from './problem.js';

/** Warnings about something mistyped, or about something that is not read where it stands. */
const SLIPS: ReadonlySet<string> = new Set([
  'bare-sql',
  'idle-calendar',
  'misplaced-key',
  'near-miss',
  'not-reported',
  'not-watched',
  'unknown-key',
  'unknown-mention',
  'unknown-placeholder',
  'unmarked-id',
  'unused-item',
]);

/** The problems with such warnings as errors. */
export function strictly(problems: readonly Problem[]): readonly Problem[] {
  return problems.map((problem) => (SLIPS.has(problem.code) ? { ...problem, severity: 'error' } : problem));
}
