import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBlind, newSoak, type SoakState, soakOn } from '../../../strategy/watch/soak.js';

const INTERVAL_MS = 1_000;

function soaked(pauses: readonly number[], verdict: 'fail' | 'inconclusive' = 'fail'): SoakState {
  let at = 0;
  return [0, ...pauses].reduce<SoakState>((soak, pause) => {
    at += pause;
    return soakOn(soak, [verdict], { at, tookMs: 0 }, INTERVAL_MS);
  }, newSoak(1));
}

test('a sample vouches for one interval: what is beyond it is missed, not soaked', () => {
  expect(soaked([1_000, 1_000])).toMatchObject({ sampledMs: 2_000, missedMs: 0, longestGapMs: 0 });
  expect(soaked([1_000, 20_000, 1_000])).toMatchObject({
    sampledMs: 3_000,
    missedMs: 19_000,
    longestGapMs: 19_000,
  });
});

test('the time that a slow probe takes is sampled time', () => {
  const slow = soakOn(soaked([]), ['fail'], { at: 6_000, tookMs: 5_000 }, INTERVAL_MS);
  expect(slow).toMatchObject({ sampledMs: 6_000, missedMs: 0 });
});

test('whatever the gaps, sampled and missed time add up, and a soak never counts more than passed', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100_000)), (pauses) => {
      const { sampledMs, missedMs, samples } = soaked(pauses);
      const passed = pauses.reduce((sum, pause) => sum + pause, 0);
      expect(sampledMs + missedMs).toBe(passed);
      expect(sampledMs).toBeLessThanOrEqual(pauses.length * INTERVAL_MS);
      expect(samples).toBe(pauses.length + 1);
    }),
  );
});

test('a clock that goes back counts nothing', () => {
  expect(soaked([1_000, -5_000])).toMatchObject({ sampledMs: 1_000, missedMs: 0 });
});

test('no data for more than a fifth of the soak is blind, whatever came later', () => {
  const blind = soaked([1_000, 1_000, 1_000], 'inconclusive');
  const quiet = (soak: SoakState, seconds: number) =>
    Array.from({ length: seconds }).reduce<SoakState>(
      (next) => soakOn(next, ['fail'], { at: (next.lastAt ?? 0) + 1_000, tookMs: 0 }, INTERVAL_MS),
      soak,
    );
  expect(isBlind(quiet(blind, 11), 0)).toBe(true);
  expect(isBlind(quiet(blind, 12), 0)).toBe(false);
  expect(isBlind(newSoak(1), 0)).toBe(false);
});
