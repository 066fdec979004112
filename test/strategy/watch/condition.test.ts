import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  afterSample,
  blindness,
  type ConditionState,
  countBlind,
  isDecided,
  type Limits,
  QUIET,
} from '../../../strategy/watch/condition.js';

const EVERY_SECOND: Limits = { failureLimit: 3, intervalMs: 1_000, overMs: 0 };
const VERDICTS = { x: 'pass', '.': 'fail', '?': 'inconclusive' } as const;
type Sample = keyof typeof VERDICTS;

/** One sample per letter and interval: `x` it held, `.` it did not, `?` no data. */
function sampled(samples: readonly Sample[], limits: Limits = EVERY_SECOND): ConditionState {
  return samples.reduce<ConditionState>(
    (state, letter, index) =>
      afterSample(state, VERDICTS[letter], { at: index * limits.intervalMs, tookMs: 0 }, limits),
    QUIET,
  );
}

function letters(text: string): Sample[] {
  return [...text].filter((letter): letter is Sample => letter in VERDICTS);
}

test.each([
  ['xx', false],
  ['xxx', true],
  ['xx.xx', false],
  ['x?x?x', true],
  ['???', false],
  ['xxx.', false],
  ['xxx.xxx', true],
])('%s with a limit of 3 fires: %s', (samples, fires) => {
  expect(sampled(letters(samples)).firing).toBe(fires);
});

test('"for 5 seconds" fires only when every sample over 5 seconds held, without a gap', () => {
  const limits = { ...EVERY_SECOND, overMs: 5_000 };
  expect(sampled(letters('xxxxx'), limits).firing).toBe(false);
  expect(sampled(letters('xxxxxx'), limits).firing).toBe(true);
  const gap = afterSample(sampled(letters('xx'), limits), 'pass', { at: 60_000, tookMs: 0 }, limits);
  expect(gap).toMatchObject({ held: 3, heldSince: 60_000, firing: false });
});

test('an episode is counted once, until it recovers', () => {
  expect(sampled(letters('xxxxxx')).episodes).toBe(1);
  expect(sampled(letters('xxx.xxx')).episodes).toBe(2);
});

test.each([
  ['.', true],
  ['x', false],
  ['xx', false],
  ['xxx', true],
  ['?', false],
  ['???', true],
  ['x??', false],
  ['.?', false],
])('%s is decided: %s', (samples, decided) => {
  expect(isDecided(sampled(letters(samples)), EVERY_SECOND)).toBe(decided);
});

test('a quiet sample always decides, and as many samples of one kind as the limit as well', () => {
  const sample = fc.constantFrom<Sample>('x', '.', '?');
  fc.assert(
    fc.property(fc.array(sample), sample, fc.integer({ min: 1, max: 5 }), (before, last, failureLimit) => {
      const limits = { ...EVERY_SECOND, failureLimit };
      const samples = [...before, ...Array.from({ length: last === '.' ? 1 : failureLimit }, () => last)];
      const state = sampled(samples, limits);
      return isDecided(state, limits) && (last !== '.' || !state.firing);
    }),
  );
});

/** One sample per letter: `!` the probe broke, `?` no data, `.` quiet. */
function blindnessAfter(
  samples: string,
  limits: { readonly errorLimit?: number; readonly noDataLimit?: number },
) {
  let state = QUIET;
  for (const [index, letter] of [...samples].entries()) {
    const at = { at: index * 1_000, tookMs: 0 };
    const next = afterSample(state, letter === '.' ? 'fail' : 'inconclusive', at, EVERY_SECOND);
    state = countBlind(next, state, letter === '!', limits);
  }
  return { why: blindness(state, limits), episodes: state.blindEpisodes ?? 0 };
}

test.each([
  ['!!', { errorLimit: 3 }, null],
  ['!!!', { errorLimit: 3 }, 'its probe broke 3 times in a row'],
  ['!!?!', { errorLimit: 3 }, null],
  ['!!.!', { errorLimit: 3 }, null],
  ['?????', { errorLimit: 3 }, null],
  ['?!?', { noDataLimit: 3 }, 'there was no data in 3 samples in a row'],
  ['??.??', { noDataLimit: 3 }, null],
  ['!!!!!!', {}, null],
])('%s with the limits %o: %s', (samples, limits, why) => {
  expect(blindnessAfter(samples, limits).why).toBe(why);
});

test('a stretch without data is counted once, so that a source that comes and goes is told of a few times only', () => {
  expect(blindnessAfter('!!!!.!!!!', { errorLimit: 2 }).episodes).toBe(2);
});
