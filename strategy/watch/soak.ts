/**
 * How much of a soak is done. A soak counts only the time that samples vouch for: a sample speaks for one interval before
 * it. While nobody samples (the worker is away), the soak stands still, so it ends later by as much.
 */
import type { Verdict } from '../run/requirement.js';
import type { SampleTime } from './condition.js';

export interface SoakState {
  /** Milliseconds that samples vouch for. */
  readonly sampledMs: number;
  /** Milliseconds during which nobody sampled. */
  readonly missedMs: number;
  /** The longest stretch of those. */
  readonly longestGapMs: number;
  /** Of the sampled milliseconds: how many without data, by condition. */
  readonly blindMs: readonly number[];
  /** How many samples were taken. */
  readonly samples: number;
  /** The end of the latest sample (milliseconds since 1970); null before the first. */
  readonly lastAt: number | null;
}

/** A soak that has not begun. */
export function newSoak(conditions: number): SoakState {
  return {
    sampledMs: 0,
    missedMs: 0,
    longestGapMs: 0,
    blindMs: Array.from({ length: conditions }, () => 0),
    samples: 0,
    lastAt: null,
  };
}

/** A sample that comes late by less than this is no gap: timers are late on a busy machine. */
const LATE_MS = 1_000;

/** The soak after one more sample. `verdicts`: what each condition's probe said, in order. */
export function soakOn(
  soak: SoakState,
  verdicts: readonly Verdict[],
  { at, tookMs }: SampleTime,
  intervalMs: number,
): SoakState {
  const passed = soak.lastAt === null ? 0 : Math.max(0, at - soak.lastAt);
  const vouchedFor = Math.min(passed, intervalMs + tookMs);
  const missed = passed - vouchedFor;
  return {
    sampledMs: soak.sampledMs + vouchedFor,
    missedMs: soak.missedMs + missed,
    longestGapMs: missed > LATE_MS ? Math.max(soak.longestGapMs, missed) : soak.longestGapMs,
    blindMs: verdicts.map(
      (verdict, index) => (soak.blindMs[index] ?? 0) + (verdict === 'inconclusive' ? vouchedFor : 0),
    ),
    samples: soak.samples + 1,
    lastAt: at,
  };
}

/** With no data for a larger share of a soak than this, nobody can say that it stayed quiet. */
const BLIND_SHARE = 0.2;

/** True when a condition had no data for too much of the soak, whatever the latest sample said. */
export function isBlind({ sampledMs, blindMs }: SoakState, condition: number): boolean {
  return sampledMs > 0 && (blindMs[condition] ?? 0) > BLIND_SHARE * sampledMs;
}
