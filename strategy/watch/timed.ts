/**
 * Conditions with a frequency of their own. One is due when its period is over; a sample that found something wrong, or
 * nothing at all, is repeated in every round until it is decided. What the latest sample found is kept, because it
 * stands until the next one, across steps and workers.
 */
import { type ConditionState, isDecided, type LatestSample, type Limits } from './condition.js';

/** @param everyMs milliseconds between two samples @param now milliseconds since 1970 */
export function isDue(
  state: ConditionState,
  everyMs: number,
  now: number,
  limits: Pick<Limits, 'failureLimit'>,
): boolean {
  const { latest } = state;
  return latest === undefined || !isDecided(state, limits) || now - latest.began >= everyMs;
}

/** Remembers a sample, and counts the periods that passed without one before it. */
export function withLatest(
  state: ConditionState,
  before: ConditionState,
  sample: Omit<LatestSample, 'missed'>,
  everyMs: number,
): ConditionState {
  const known = before.latest;
  const periods = known === undefined || everyMs === 0 ? 0 : (sample.began - known.began) / everyMs;
  const missed = (known?.missed ?? 0) + Math.max(0, Math.floor(periods) - 1);
  return { ...state, latest: { ...sample, missed } };
}
