/** How far a rehearsal is, in one line. */
import { duration } from '../render/elapsed.js';
import type { PointResult } from './result.js';

export interface RehearsalProgress {
  readonly total: number;
  readonly done: number;
  /** The ids of the points under way. */
  readonly running: readonly string[];
  /** Milliseconds until the end, by the mean of those that are done; null when none is. */
  readonly leftMs: number | null;
  /** What has just ended; null when one has just begun. */
  readonly finished: PointResult | null;
}

const BAR = 24;

/** Such as `[######......]  12/48  about 2m 10s left  SCHEMA-1.1.before`. */
export function progressBar({ total, done, running, leftMs }: RehearsalProgress): string {
  const full = total === 0 ? BAR : Math.round((BAR * done) / total);
  const left = leftMs === null ? '' : `  about ${duration(leftMs)} left`;
  return `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]  ${done}/${total}${left}  ${running.join(', ')}`.trimEnd();
}

/** What has just ended, in one line; null when one has just begun. */
export function finishedLine({ total, done, finished }: RehearsalProgress): string | null {
  if (finished === null) return null;
  const { id, status, durationMs } = finished;
  return `${done}/${total}  ${status.padEnd(9)}  ${id} (${duration(durationMs)})`;
}
