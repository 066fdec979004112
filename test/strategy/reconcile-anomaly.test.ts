import { expect, test } from 'vitest';
import { anomaliesOf, type ColumnStats } from '../../strategy/reconcile/anomaly.js';

const TOTAL: ColumnStats = {
  ...{ column: 'total', of: 'values', rows: 1_000, filled: 990, distinct: 900, topRows: 20, topHash: '1' },
  spread: { min: 0, low: 5, median: 50, high: 95, max: 100, deviation: 10 },
};
const found = (more: Partial<ColumnStats>): readonly string[] =>
  anomaliesOf('orders', [TOTAL], [{ ...TOTAL, ...more }]);

test('a column that is distributed as in the source is nothing to speak of, chance included', () => {
  expect(found({})).toEqual([]);
  expect(
    found({ filled: 985, distinct: 890, spread: { ...TOTAL.spread, median: 60, max: 120 } as never }),
  ).toEqual([]);
});

test('other units, lost values and a default in place of values are told, each with its figures', () => {
  expect(
    found({ spread: { min: 0, low: 500, median: 5_000, high: 9_500, max: 10_000, deviation: 1_000 } }),
  ).toContain('orders.total: median 50 -> 5000 (robust z 333.873)');
  expect(found({ filled: 700 })).toEqual([expect.stringMatching(/share of NULL 1\.0 % -> 30\.0 % \(z \d/)]);
  expect(found({ topRows: 400, topHash: '2', distinct: 600 }).join('; ')).toMatch(
    /distinct values 90\.0 % -> 60\.0 %.*most frequent value 2\.0 % -> 40\.0 %/,
  );
});

test('a column without any spread is unusual as soon as it moves, and few rows say nothing', () => {
  const flat = { min: 3, low: 3, median: 3, high: 3, max: 3, deviation: 0 };
  const there = { ...TOTAL, of: 'lengths', spread: flat } as const;
  const here = { ...there, spread: { ...flat, max: 4 } };
  expect(anomaliesOf('orders', [there], [here])).toEqual([
    'orders.total: greatest length 3 -> 4 (robust z without bound)',
  ]);
  expect(anomaliesOf('orders', [{ ...there, rows: 20 }], [{ ...here, rows: 20 }])).toEqual([]);
});
