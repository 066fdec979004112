/** How much of a soak is done, as the view shows it. */
import { describeDuration } from '../render/duration.js';
import type { Progress } from '../run/progress.js';
import type { WatchState } from './state.js';

/** @param totalMs how long the soak lasts, in milliseconds of sampled time */
export function soakProgress({ since, conditions, soak }: WatchState, totalMs: number): Progress {
  const doneMs = Math.min(soak.sampledMs, totalMs);
  const held = conditions.filter((condition) => condition.held > 0).length;
  const missed = soak.longestGapMs > 0 ? `, ${duration(soak.missedMs)} not sampled and not counted` : '';
  const quiet = held === 0 ? 'quiet' : `${held} of ${conditions.length} conditions hold now`;
  return {
    done: Math.floor(doneMs / 1000),
    total: Math.ceil(totalMs / 1000),
    unit: 'seconds',
    ratePerSecond: null,
    since: new Date(since).toISOString(),
    endsAt: soak.lastAt === null ? null : new Date(soak.lastAt + totalMs - doneMs).toISOString(),
    sentence: `soaked ${duration(doneMs)} of ${duration(totalMs)}: ${quiet}${missed}`,
  };
}

function duration(ms: number): string {
  return describeDuration(Math.round(ms));
}
