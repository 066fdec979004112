import { expect, test } from 'vitest';
import { printAmount } from '../../../strategy/sentence/print.js';
import { parseRange, parseThreshold } from '../../../strategy/sentence/range.js';

test.each([
  ['0-0.1%', '0%', '0.1%'],
  ['-5 to 5', '-5', '5'],
  ['95–100 %', '95%', '100%'],
  ['between 100 and 200 ms', '100 ms', '200 ms'],
  ['200ms-1s', '200 ms', '1 s'],
  ['1s to 200ms', '200 ms', '1 s'],
  ['100%', '100%', '100%'],
  ['< 200 ms', 'none', '200 ms'],
  ['at least 99.9%', '99.9%', 'none'],
  ['200 ms or less', 'none', '200 ms'],
  ['10 ± 2 s', '8 s', '12 s'],
  ['10s ± 2s', '8 s', '12 s'],
  ['0-0.1% at night', 'not understood: at night', ''],
  ['low', 'not understood: low', ''],
])('the range %s', (text, low, high) => {
  const reading = parseRange(text);
  if (reading.kind !== 'understood') {
    expect(reading.kind).toBe('partly');
    return;
  }
  const shown = [reading.value.low, reading.value.high].map((end) =>
    end === null ? 'none' : printAmount(end),
  );
  expect(shown).toEqual([low, high]);
});

test.each([
  ['0.5%', null, '0.5%'],
  ['> 500ms', '>', '500 ms'],
  ['above 2x baseline', '>', '2 x baseline'],
  ['500 ms or more', '>=', '500 ms'],
  ['-10', null, '-10'],
])('the threshold %s', (text, operator, amount) => {
  const reading = parseThreshold(text);
  if (reading.kind !== 'understood') throw new Error(JSON.stringify(reading));
  expect([reading.value.operator, printAmount(reading.value.amount)]).toEqual([operator, amount]);
});

test.each(['5-10', '0.5% of orders', 'high', '> 5 or more', '500ms in Europe'])(
  'the threshold "%s" is not understood',
  (text) => {
    expect(parseThreshold(text).kind).toBe('partly');
  },
);
