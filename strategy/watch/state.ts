/** What is known of a watch: carried in heartbeats from worker to worker, and in reports from one watch to the next. */
import type { WatchCondition } from '../plan.js';
import { type ConditionState, type LatestSample, QUIET } from './condition.js';
import { newSoak, type SoakState } from './soak.js';

export interface WatchState {
  /** When the watch began, across the workers that carried it (milliseconds since 1970). */
  readonly since: number;
  /** One per condition, in order. */
  readonly conditions: readonly ConditionState[];
  readonly soak: SoakState;
}

/** What outlives a step, by condition; those that are quiet and sampled in every round are left out. */
export type Carried = Readonly<Record<string, ConditionState>>;

/** A watch that has not sampled yet; conditions that were watched before continue from their state. */
export function newWatchState(
  conditions: readonly WatchCondition[],
  carried: Carried,
  since: number,
): WatchState {
  return {
    since,
    conditions: conditions.map((condition) => carried[keyOf(condition)] ?? QUIET),
    soak: newSoak(conditions.length),
  };
}

/** What the next step's watch continues from. */
export function carriedFrom(conditions: readonly WatchCondition[], state: WatchState): Carried {
  return Object.fromEntries(
    conditions.flatMap((condition, index) => {
      const known = state.conditions[index];
      // What made the step fail has been acted on: a retry counts from the beginning.
      if (known === undefined || (known.firing && condition.onFire === 'fail')) return [];
      if (known.held === 0 && known.latest === undefined) return [];
      return [[keyOf(condition), { ...known, episodes: 0 }]];
    }),
  );
}

/** What is known of all conditions after a watch of some of them. */
export function carriedBeside(before: Carried, watched: readonly WatchCondition[], now: Carried): Carried {
  const own = new Set(watched.map(keyOf));
  return { ...Object.fromEntries(Object.entries(before).filter(([key]) => !own.has(key))), ...now };
}

/**
 * The same watch once a person has looked at conditions that had no data: these are counted from the beginning.
 * `again`: what was not seen is made up for; else the person has answered for it.
 */
export function seenAgain(state: WatchState, conditions: readonly number[], again: boolean): WatchState {
  const { soak } = state;
  const blindMs = Math.max(0, ...conditions.map((index) => soak.blindMs[index] ?? 0));
  return {
    ...state,
    conditions: state.conditions.map((known, index) => {
      if (!conditions.includes(index)) return known;
      const { errors: _counted, ...rest } = known;
      return { ...rest, blind: 0 };
    }),
    soak: {
      ...soak,
      sampledMs: again ? Math.max(0, soak.sampledMs - blindMs) : soak.sampledMs,
      blindMs: soak.blindMs.map((ms, index) => (conditions.includes(index) ? 0 : ms)),
    },
  };
}

function keyOf({ level, onFire, text }: WatchCondition): string {
  return `${level ?? 'step'} ${onFire} ${text}`;
}

/** Reads what heartbeat details hold; null when it does not fit, as when another version left it. */
export function readWatchState(details: unknown, conditions: number): WatchState | null {
  if (!isRecord(details) || typeof details.since !== 'number') return null;
  const { since, conditions: known, soak } = details;
  if (!Array.isArray(known) || known.length !== conditions || !known.every(isConditionState)) return null;
  return isSoakState(soak) && soak.blindMs.length === conditions ? { since, conditions: known, soak } : null;
}

function isConditionState(value: unknown): value is ConditionState {
  return (
    isRecord(value) &&
    typeof value.held === 'number' &&
    isNumberOrNull(value.heldSince) &&
    isNumberOrNull(value.lastHeldAt) &&
    typeof value.blind === 'number' &&
    (value.errors === undefined || typeof value.errors === 'number') &&
    (value.blindEpisodes === undefined || typeof value.blindEpisodes === 'number') &&
    typeof value.firing === 'boolean' &&
    typeof value.episodes === 'number' &&
    (value.latest === undefined || isLatestSample(value.latest))
  );
}

function isLatestSample(value: unknown): value is LatestSample {
  return (
    isRecord(value) &&
    typeof value.began === 'number' &&
    (value.verdict === 'pass' || value.verdict === 'fail' || value.verdict === 'inconclusive') &&
    typeof value.evidence === 'string' &&
    typeof value.missed === 'number'
  );
}

function isSoakState(value: unknown): value is SoakState {
  return (
    isRecord(value) &&
    typeof value.sampledMs === 'number' &&
    typeof value.missedMs === 'number' &&
    typeof value.longestGapMs === 'number' &&
    Array.isArray(value.blindMs) &&
    value.blindMs.every((ms) => typeof ms === 'number') &&
    typeof value.samples === 'number' &&
    isNumberOrNull(value.lastAt)
  );
}

function isNumberOrNull(value: unknown): value is number | null {
  return value === null || typeof value === 'number';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
