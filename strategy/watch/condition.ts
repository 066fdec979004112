/**
 * One watched condition, sample by sample. A condition says what one does not want to see, so a sample in which its
 * sentence holds speaks against the run:
 *
 *   quiet --held--> held n times in a row --n reaches the limit, and it held for `overMs`--> firing
 *     ^                     |                                                                  |
 *     +------ did not hold -+------------------------- did not hold: recovered ----------------+
 *
 * A sample without data neither counts nor resets. The state outlives the step where the condition does.
 */
import type { WatchSettings } from '../plan.js';
import type { Verdict } from '../run/requirement.js';

export interface ConditionState {
  /** In how many samples in a row it held; samples without data are left out. */
  readonly held: number;
  /** Since when every sample found it so, without a gap between them (milliseconds since 1970); null when it is quiet. */
  readonly heldSince: number | null;
  readonly lastHeldAt: number | null;
  /** In how many samples in a row there was no data. */
  readonly blind: number;
  /** In how many of these in a row the probe itself broke; absent when the latest did not. */
  readonly errors?: number;
  /** How often a limit of the bindings for missing data was reached in this step; absent where none was. */
  readonly blindEpisodes?: number;
  /** It fired, somebody was notified, and it has held ever since. */
  readonly firing: boolean;
  /** How often it fired in this step. */
  readonly episodes: number;
  /** What its latest sample found, for a condition with a frequency of its own. */
  readonly latest?: LatestSample;
}

/** What the latest sample of a condition with a frequency of its own found. */
export interface LatestSample {
  /** When it began (milliseconds since 1970). */
  readonly began: number;
  readonly verdict: Verdict;
  readonly evidence: string;
  /** How often the condition was due and not sampled, since it was first watched. */
  readonly missed: number;
}

export const QUIET: ConditionState = {
  held: 0,
  heldSince: null,
  lastHeldAt: null,
  blind: 0,
  firing: false,
  episodes: 0,
};

export interface Limits {
  /** How many samples in a row make a verdict. */
  readonly failureLimit: number;
  /** Milliseconds between two samples. */
  readonly intervalMs: number;
  /** For how many milliseconds it must hold in every sample. */
  readonly overMs: number;
}

/** Without a sample for so many intervals, nobody can say that it held all the time. */
const GAP_INTERVALS = 3;
/** A sample may be late on a busy machine, however short the interval of a trial is. */
const GAP_MS = 10_000;

/** When a sample ended (milliseconds since 1970), and how many milliseconds it took. */
export interface SampleTime {
  readonly at: number;
  readonly tookMs: number;
}

/** The state after one more sample. `verdict` is the probe's: `pass` means that the sentence holds. */
export function afterSample(
  state: ConditionState,
  verdict: Verdict,
  { at, tookMs }: SampleTime,
  limits: Limits,
): ConditionState {
  switch (verdict) {
    case 'pass': {
      const longest = tookMs + Math.max(GAP_MS, GAP_INTERVALS * limits.intervalMs);
      const unbroken = state.lastHeldAt !== null && at - state.lastHeldAt <= longest;
      const heldSince = unbroken ? (state.heldSince ?? at) : at;
      const next = { ...state, held: state.held + 1, heldSince, lastHeldAt: at, blind: 0 };
      if (state.firing || !hasFired(next, limits)) return next;
      return { ...next, firing: true, episodes: state.episodes + 1 };
    }
    case 'fail':
      return { ...QUIET, episodes: state.episodes };
    case 'inconclusive':
      return { ...state, blind: state.blind + 1 };
    default:
      return verdict satisfies never;
  }
}

function hasFired({ held, heldSince, lastHeldAt }: ConditionState, limits: Limits): boolean {
  if (held < limits.failureLimit || heldSince === null || lastHeldAt === null) return false;
  return lastHeldAt - heldSince >= limits.overMs;
}

/** True when further samples would change nothing: it is quiet, it fires, or there was no data `failureLimit` times. */
export function isDecided(state: ConditionState, { failureLimit }: Pick<Limits, 'failureLimit'>): boolean {
  if (state.blind > 0) return state.blind >= failureLimit;
  return state.firing || state.held === 0;
}

type BlindLimits = Pick<WatchSettings, 'errorLimit' | 'noDataLimit'>;

/** Counts samples in a row in which the probe itself broke, and how often a limit was reached. */
export function countBlind(
  state: ConditionState,
  before: ConditionState,
  broke: boolean,
  limits: BlindLimits,
): ConditionState {
  const { errors: _earlier, ...rest } = state;
  const next = broke ? { ...rest, errors: (before.errors ?? 0) + 1 } : rest;
  const episodes = before.blindEpisodes ?? 0;
  const began = blindness(before, limits) === null && blindness(next, limits) !== null;
  return began || episodes > 0 ? { ...next, blindEpisodes: episodes + Number(began) } : next;
}

/** Why nobody knows any more how it stands, by the limits of the bindings; null while they are not reached. */
export function blindness(
  { blind, errors = 0 }: ConditionState,
  { errorLimit, noDataLimit }: BlindLimits,
): string | null {
  if (errorLimit !== undefined && errors >= errorLimit) return `its probe broke ${errors} times in a row`;
  if (noDataLimit !== undefined && blind >= noDataLimit)
    return `there was no data in ${blind} samples in a row`;
  return null;
}
