import { expect, test } from 'vitest';
import type { WatchCondition } from '../../../strategy/plan.js';
import { type ConditionState, QUIET } from '../../../strategy/watch/condition.js';
import { resultsOf } from '../../../strategy/watch/result.js';
import { newSoak } from '../../../strategy/watch/soak.js';
import { carriedFrom, newWatchState, readWatchState } from '../../../strategy/watch/state.js';
import { isDue, paceOf, withLatest } from '../../../strategy/watch/timed.js';

const EVERY = 1_000;
const LIMITS = { failureLimit: 3 };
const CONDITION: WatchCondition = {
  text: 'CV-1 failed: rows match',
  probe: { how: 'command', text: 'rows', args: [], inverted: true },
  level: null,
  onFire: 'fail',
  everyMs: EVERY,
};

function sampledAt(began: number, before: ConditionState = QUIET): ConditionState {
  return withLatest(QUIET, before, { began, verdict: 'fail', evidence: 'equal' }, EVERY);
}

test('a quiet condition is due when its period is over, and not before', () => {
  const state = sampledAt(5_000);
  expect(isDue(QUIET, EVERY, 5_000, LIMITS)).toBe(true);
  expect(isDue(state, EVERY, 5_999, LIMITS)).toBe(false);
  expect(isDue(state, EVERY, 6_000, LIMITS)).toBe(true);
});

const NIGHTLY = { days: ['sat', 'sun', 'mon'], at: '02:30', zone: 'Europe/Berlin' } as const;

test('at a time of the day it is due once, also on the night when clocks skip that time', () => {
  const at = (text: string) => Date.parse(text);
  const sampled = (began: string, before: ConditionState = QUIET) =>
    withLatest(QUIET, before, { began: at(began), verdict: 'fail', evidence: 'equal' }, NIGHTLY);
  const state = sampled('2027-03-27T01:30:05Z');
  expect(isDue(QUIET, NIGHTLY, at('2027-03-26T12:00:00Z'), LIMITS)).toBe(true);
  expect(isDue(state, NIGHTLY, at('2027-03-28T00:59:59Z'), LIMITS)).toBe(false);
  // 02:30 does not exist on that Sunday: it is due when clocks go from 02:00 to 03:00.
  expect(isDue(state, NIGHTLY, at('2027-03-28T01:00:00Z'), LIMITS)).toBe(true);
  const next = sampled('2027-03-28T01:00:01Z', state);
  expect(isDue(next, NIGHTLY, at('2027-03-29T00:29:59Z'), LIMITS)).toBe(false);
  expect(isDue(next, NIGHTLY, at('2027-03-29T00:30:00Z'), LIMITS)).toBe(true);
  expect(next.latest?.missed).toBe(0);
  // Monday and Saturday passed without anybody; Sunday is late.
  const late = sampled('2027-04-04T09:00:00Z', next);
  expect(late.latest?.missed).toBe(2);
  const condition = { ...CONDITION, timetable: NIGHTLY };
  const [result] = resultsOf([condition], { since: 0, conditions: [late], soak: newSoak(1) }, [null], 3);
  expect(result?.evidence).toBe('equal; it is due sat sun mon at 02:30 Europe/Berlin and was missed 2 times');
});

test('a trial that compresses time goes by the interval', () => {
  const condition = { ...CONDITION, timetable: NIGHTLY };
  expect(paceOf(condition, 1)).toEqual(NIGHTLY);
  expect(paceOf(condition, 100)).toBe(EVERY / 100);
});

test('a bad sample, or one without data, is repeated at once until the limit decides', () => {
  const state = sampledAt(5_000);
  expect(isDue({ ...state, held: 1 }, EVERY, 5_001, LIMITS)).toBe(true);
  expect(isDue({ ...state, blind: 2 }, EVERY, 5_001, LIMITS)).toBe(true);
  expect(isDue({ ...state, blind: 3 }, EVERY, 5_001, LIMITS)).toBe(false);
  expect(isDue({ ...state, held: 3, firing: true }, EVERY, 5_001, LIMITS)).toBe(false);
});

test('a period without a sample is missed, counted, and told with the result', () => {
  const onTime = sampledAt(6_900, sampledAt(5_000));
  expect(onTime.latest?.missed).toBe(0);
  const late = sampledAt(10_000, onTime);
  expect(late.latest?.missed).toBe(2);
  const state = { since: 0, conditions: [late], soak: newSoak(1) };
  expect(resultsOf([CONDITION], state, [null], 3)).toMatchObject([
    { verdict: 'pass', evidence: 'equal; it is due every 1 second and was missed 2 times' },
  ]);
});

test('the next step and the next worker know when it was sampled last', () => {
  const state = { since: 0, conditions: [sampledAt(5_000)], soak: newSoak(1) };
  const next = newWatchState([CONDITION], carriedFrom([CONDITION], state), 6_000);
  expect(next.conditions[0]?.latest?.began).toBe(5_000);
  expect(readWatchState(JSON.parse(JSON.stringify(next)), 1)).toEqual(next);
});

test('after it failed a step it is sampled at once, so that a retry does not pass on an old result', () => {
  const firing = { ...sampledAt(5_000), held: 3, firing: true };
  expect(carriedFrom([CONDITION], { since: 0, conditions: [firing], soak: newSoak(1) })).toEqual({});
});
