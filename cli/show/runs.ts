import type { RunSummary } from '../../client/index.js';
import { statusLabel } from '../../strategy/run/labels.js';
import { SAY } from '../messages.js';
import { elapsed } from './duration.js';

/** One line per run. */
export function describeRuns(runs: readonly RunSummary[], now: Date): string[] {
  if (runs.length === 0) return [SAY.noRuns];
  const width = Math.max(...runs.map(({ run }) => run.length));
  return runs.map(({ run, status, strategy, startedAt, endedAt }) =>
    `${run.padEnd(width)}  ${statusLabel(status).padEnd(12)}  ${elapsed(startedAt, endedAt, now).padStart(8)}  ${strategy ?? ''}`.trimEnd(),
  );
}
