/** The result of a rehearsal, for people. */
import { describeDuration } from '../render/duration.js';
import { isGood, type PointResult, type StepDuration } from './result.js';

/** Lines of a difference that the table shows; all of them are in the evidence. */
const SHOWN = 12;

/** One line per point, with what went wrong below it; then the undos and a summary. */
export function rehearsalLines(results: readonly PointResult[]): readonly string[] {
  const width = Math.max(0, ...results.map(({ id }) => id.length));
  return [
    ...results.flatMap((result) => rowsOf(result, width)),
    '',
    ...undoLines(results),
    summaryOf(results),
  ];
}

function rowsOf(result: PointResult, width: number): readonly string[] {
  const { id, status, description, reason, difference, evidence } = result;
  const row = `${status.padEnd(9)}  ${id.padEnd(width)}  ${description}`;
  if (status === 'completed' || status === 'restored') return [row];
  const shown = difference.slice(0, SHOWN).map((line) => `             ${line}`);
  const rest = difference.length - shown.length;
  return [
    row,
    `           ${reason}`,
    ...shown,
    ...(rest > 0 ? [`             ... and ${rest} more`] : []),
    `           evidence: ${evidence}`,
  ];
}

/** The longest time that each undo took. */
function undoLines(results: readonly PointResult[]): readonly string[] {
  const slowest = new Map<string, number>();
  for (const { step, ms } of results.flatMap(({ undos }): readonly StepDuration[] => undos)) {
    slowest.set(step, Math.max(slowest.get(step) ?? 0, ms));
  }
  if (slowest.size === 0) return [];
  const parts = [...slowest].map(([step, ms]) => `${step} ${describeDuration(Math.round(ms))}`);
  return [`The slowest undo of each: ${parts.join(', ')}`];
}

/** One line: how many points ended how. */
export function summaryOf(results: readonly PointResult[]): string {
  const count = (status: PointResult['status']) =>
    results.filter((result) => result.status === status).length;
  const counts = (['completed', 'restored', 'asked', 'differs', 'stuck', 'failed'] as const)
    .filter((status) => count(status) > 0)
    .map((status) => `${count(status)} ${status}`);
  const verdict = results.every(isGood) ? 'Every way back holds' : 'The way back does not hold';
  return `${verdict}: ${counts.join(', ')}.`;
}
