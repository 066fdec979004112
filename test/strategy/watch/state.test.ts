import { expect, test } from 'vitest';
import type { WatchCondition } from '../../../strategy/plan.js';
import { type ConditionState, QUIET } from '../../../strategy/watch/condition.js';
import { carriedFrom, newWatchState, readWatchState, seenAgain } from '../../../strategy/watch/state.js';

function condition(text: string, onFire: 'notify' | 'fail'): WatchCondition {
  return { text, probe: { how: 'command', text: 'true', args: [] }, level: null, onFire };
}

const ERRORS = condition('errors > 5', 'fail');
const LOAD = condition('load > 80%', 'notify');
const TWICE: ConditionState = { ...QUIET, held: 2, heldSince: 1, lastHeldAt: 2 };
const FIRING: ConditionState = { ...TWICE, held: 3, firing: true, episodes: 1 };

test('counters outlive a step where the condition does, in whatever place it is then', () => {
  const first = { ...newWatchState([LOAD, ERRORS], {}, 0), conditions: [QUIET, TWICE] };
  const carried = carriedFrom([LOAD, ERRORS], first);
  expect(newWatchState([ERRORS, LOAD], carried, 9).conditions).toEqual([TWICE, QUIET]);
  expect(newWatchState([condition('other', 'fail')], carried, 9).conditions).toEqual([QUIET]);
});

test('an alert that still fires is not new in the next step; what failed a step counts from the beginning', () => {
  const state = { ...newWatchState([LOAD, ERRORS], {}, 0), conditions: [FIRING, FIRING] };
  const next = newWatchState([LOAD, ERRORS], carriedFrom([LOAD, ERRORS], state), 9);
  expect(next.conditions).toEqual([{ ...FIRING, episodes: 0 }, QUIET]);
});

test('heartbeat details are read back, and refused when they are of another watch or version', () => {
  const state = newWatchState([LOAD, ERRORS], {}, 7);
  expect(readWatchState(JSON.parse(JSON.stringify(state)), 2)).toEqual(state);
  expect(readWatchState(state, 1)).toBe(null);
  for (const other of [undefined, null, {}, { held: [1, 2], metrics: {} }]) {
    expect(readWatchState(other, 2)).toBe(null);
  }
});

test('a soak makes up for what nobody saw when a person has it watched on, and counts it when they answer for it', () => {
  const watch = newWatchState([ERRORS, LOAD], {}, 0);
  const blind = {
    ...watch,
    conditions: [{ ...QUIET, blind: 4, errors: 4 }, QUIET],
    soak: { ...watch.soak, sampledMs: 10_000, blindMs: [4_000, 1_000] },
  };
  const onAgain = seenAgain(blind, [0], true);
  expect(onAgain.conditions[0]).toEqual(QUIET);
  expect(onAgain.soak).toMatchObject({ sampledMs: 6_000, blindMs: [0, 1_000] });
  expect(seenAgain(blind, [0], false).soak).toMatchObject({ sampledMs: 10_000, blindMs: [0, 1_000] });
});
