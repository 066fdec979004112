/** A rollout plan is understood whole, or a person is asked. */
import { expect, test } from 'vitest';
import { parseRollout } from '../../../strategy/sentence/rollout.js';

const HOUR = 3_600_000;

test.each([
  [
    '5% for 24h, 25% for 24h, 100%',
    [
      [5, 24 * HOUR],
      [25, 24 * HOUR],
      [100, null],
    ],
  ],
  [
    'Start at 1% of traffic for 30 minutes, then 10 percent for 2 hours and then 100% for 1 day.',
    [
      [1, HOUR / 2],
      [10, 2 * HOUR],
      [100, 24 * HOUR],
    ],
  ],
  [
    '10% (2 hours) -> 50% of users → 100%',
    [
      [10, 2 * HOUR],
      [50, null],
      [100, null],
    ],
  ],
  ['2.5% for PT5M', null],
])('"%s"', (text, stages) => {
  const reading = parseRollout(text);
  if (stages === null) expect(reading).toHaveProperty('words');
  else expect(reading).toEqual({ stages: stages.map(([percent, soakMs]) => ({ percent, soakMs })) });
});

test.each([
  ['5% for 24h, 25% unless it rains', 'unless it rains'],
  ['5% for ever, 100%', '5% for ever, 100%'],
  ['50%, 25%', '25%'],
  ['120%', '120%'],
  ['internal users, then everybody', 'internal users, then everybody'],
  ['', ''],
])('of "%s", the words that are not understood are named', (text, words) => {
  expect(parseRollout(text)).toEqual({ words });
});
