/** Long idle stretches do not squeeze what happened into a few pixels. */
import { expect, test } from 'vitest';
import { foldedScale } from '../../web/scale.js';

const HOUR = 3_600_000;

test('a long idle stretch takes a narrow mark, and everything around it keeps its order and its proportions', () => {
  const busy = [
    { from: 0, to: HOUR },
    { from: 11 * HOUR, to: 12 * HOUR },
  ];
  const { at, folds } = foldedScale({ from: 0, to: 12 * HOUR }, busy, 1000);
  expect(folds).toMatchObject([{ from: HOUR, to: 11 * HOUR }]);
  expect(at(HOUR) - at(0)).toBeCloseTo(485);
  expect(at(12 * HOUR) - at(11 * HOUR)).toBeCloseTo(485);
  expect(at(12 * HOUR)).toBeCloseTo(1000);
  expect(at(6 * HOUR)).toBeGreaterThan(at(HOUR));
  expect(at(6 * HOUR)).toBeLessThan(at(11 * HOUR));
});

test('short pauses, and a run of one moment, are drawn as they are', () => {
  expect(foldedScale({ from: 0, to: 100 }, [{ from: 0, to: 95 }], 1000).folds).toEqual([]);
  expect(foldedScale({ from: 5, to: 5 }, [], 1000).at(5)).toBe(0);
});
