/**
 * Conditions with a frequency of their own. One is due when its period is over; a sample that found something wrong, or
 * nothing at all, is repeated in every round until it is decided. What the latest sample found is kept, because it
 * stands until the next one, across steps and workers.
 */
import { timesDue } from '../calendar/timetable.js';
import type { Timetable, WatchCondition } from '../plan.js';
import { type ConditionState, isDecided, type LatestSample, type Limits } from './condition.js';

/** Milliseconds between two samples, or the times of the day at which one is due. */
export type Pace = number | Timetable;

/** A trial that compresses time does not wait for a time of the day. Null for a condition that is sampled in every round. */
export function paceOf({ everyMs, timetable }: WatchCondition, compress: number): Pace | null {
  if (everyMs === undefined) return null;
  return timetable !== undefined && compress === 1 ? timetable : everyMs / compress;
}

/** The first sample is due at once. @param now milliseconds since 1970 */
export function isDue(
  state: ConditionState,
  pace: Pace,
  now: number,
  limits: Pick<Limits, 'failureLimit'>,
): boolean {
  const { latest } = state;
  return latest === undefined || !isDecided(state, limits) || periods(pace, latest.began, now) >= 1;
}

/** Remembers a sample, and counts the periods that passed without one before it. */
export function withLatest(
  state: ConditionState,
  before: ConditionState,
  sample: Omit<LatestSample, 'missed'>,
  pace: Pace,
): ConditionState {
  const known = before.latest;
  const due = known === undefined || pace === 0 ? 0 : periods(pace, known.began, sample.began);
  const missed = (known?.missed ?? 0) + Math.max(0, Math.floor(due) - 1);
  return { ...state, latest: { ...sample, missed } };
}

/** How often it was due between two moments. */
function periods(pace: Pace, after: number, upTo: number): number {
  if (typeof pace !== 'number') return timesDue(pace, after, upTo);
  return pace === 0 ? Number.POSITIVE_INFINITY : (upTo - after) / pace;
}
