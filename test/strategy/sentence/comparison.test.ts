import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ComparisonSentence, parseComparisons } from '../../../strategy/sentence/comparison.js';
import { printComparison } from '../../../strategy/sentence/print.js';

/** What is understood of a sentence, in the shortest words for it. */
function read(text: string): string {
  const reading = parseComparisons(text);
  switch (reading.kind) {
    case 'understood':
      return reading.value.map(printComparison).join(' & ');
    case 'partly':
      return `not understood: ${reading.words}`;
    case 'none':
      return 'no comparison';
    default:
      return reading satisfies never;
  }
}

describe('a comparison is read with its numbers, units and windows', () => {
  test.each([
    ['Error rate < 0.1%', 'Error rate < 0.1%'],
    ['error rate < 0.1 percent', 'error rate < 0.1%'],
    ['p95 < 200ms', 'p95 < 200 ms'],
    ['p95<200ms', 'p95 < 200 ms'],
    ['latency < 2x baseline', 'latency < 2 x baseline'],
    ['latency < 1.5 × the baseline', 'latency < 1.5 x baseline'],
    ['latency at most 2 times its baseline', 'latency <= 2 x baseline'],
    ['latency < twice the baseline', 'latency < 2 x baseline'],
    ['latency < 110% of baseline', 'latency < 1.1 x baseline'],
    ['latency < baseline + 10%', 'latency < 1.1 x baseline'],
    ['latency no more than 10% above the baseline', 'latency <= 1.1 x baseline'],
    ['throughput >= 20% below baseline', 'throughput >= 0.8 x baseline'],
    ['size < 1 500 MB', 'size < 1500 MB'],
    ['size < 1,500.5 MB', 'size < 1500.5 MB'],
    ['size < 1.500,5 MB', 'size < 1500.5 MB'],
    ["size < 1'500 GiB", 'size < 1500 GiB'],
    ['size < 0,5 kB', 'size < 0.5 kB'],
    ['lag < 0,125 s', 'lag < 0.125 s'],
    ['balance > −5', 'balance > -5'],
    ['error_rate < 0.1% averaged over 10 minutes', 'error_rate < 0.1% averaged over 10 minutes'],
    ['error_rate < 0.1%, on average over the last 10 min', 'error_rate < 0.1% averaged over 10 minutes'],
    ['error_rate < 0.1% for 5 minutes', 'error_rate < 0.1% for 5 minutes'],
    ['connections > 80% for at least 1h30m', 'connections > 80% for 90 minutes'],
    ['connections > 80% over a 5 minute window', 'connections > 80% for 5 minutes'],
    ['p95 < 200ms p99 < 500ms', 'p95 < 200 ms & p99 < 500 ms'],
    ['p95 < 200ms, p99 < 500ms', 'p95 < 200 ms & p99 < 500 ms'],
    ['p95 < 200ms and p99 < 500ms.', 'p95 < 200 ms & p99 < 500 ms'],
    ['Error rate is below 1%', 'Error rate < 1%'],
    ['The error rate must stay under 1 %', 'error rate < 1%'],
    ['p95 must not exceed 200 ms', 'p95 <= 200 ms'],
    ['Latency exceeds 2x baseline', 'Latency > 2 x baseline'],
    ['Availability drops below 99.9%', 'Availability < 99.9%'],
    ['Throughput drops more than 20%', 'Throughput drops > 20%'],
    ['Load rises over 5', 'Load rises > 5'],
    ['Error rate must not be > 5%', 'Error rate must not > 5%'],
    ['uptime of at least 99.95%', 'uptime >= 99.95%'],
    ['failed jobs no more than 3', 'failed jobs <= 3'],
    ['failed jobs are not above 3', 'failed jobs <= 3'],
    ['queue length is 0', 'queue length == 0'],
    ['failed jobs = zero', 'failed jobs == 0'],
    ['orders ≥ 12 per second', 'orders >= 12/s'],
    ['orders > 100 req/s', 'orders > 100/s'],
    ['throughput > 5 MB/s', 'throughput > 5 MB/s'],
    ['connections between 10 and 80', 'connections >= 10 & connections <= 80'],
    ['share between 1 and 5%', 'share >= 1% & share <= 5%'],
    ['< 1%', '< 1%'],
  ])('%s', (sentence, meaning) => {
    expect(read(sentence)).toBe(meaning);
  });
});

describe('what is understood in part only says which words stopped it', () => {
  test.each([
    ['Error rate < 0.1% in all regions', 'in all regions'],
    ['Error rate < low', 'low'],
    ['size < 5 Mb', 'Mb'],
    ['orders > 5M', 'M'],
    ['latency < 5 to 6 ms', 'to 6 ms'],
    ['latency > 10 of something', 'of something'],
    ['errors < 5 except on Sundays', 'except on Sundays'],
    ['p95 < 200ms or p99 < 500ms', 'or p99 < 500ms'],
    ['error rate < 5 (peak)', '(peak)'],
    ['cost < $5', '$5'],
    ['latency < 2x normal', 'x normal'],
    ['latency < 1.2.3', '1.2.3'],
    ['rows < 1,50,000', '1,50,000'],
    ['error_rate < 1% for', 'for'],
    ['error_rate =< 1%', 'no comparison'],
  ])('%s', (sentence, words) => {
    expect(read(sentence)).toBe(words === 'no comparison' ? words : `not understood: ${words}`);
  });

  test.each(['5% of requests use discounts', 'STEP-1-1 successful', 'All 3 tests pass', ''])(
    '"%s" is no comparison',
    (sentence) => {
      expect(read(sentence)).toBe('no comparison');
    },
  );
});

const UNITS = [null, '%', 'ms', 's', 'min', 'h', 'd', 'B', 'kB', 'MB', 'GiB', '/s', 'MB/s'];
const unit = fc.constantFrom(...UNITS);
const decimal = fc
  .tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.integer({ min: 0, max: 3 }))
  .map(([digits, places]) => digits / 10 ** places);
const name = fc
  .array(fc.constantFrom('error', 'rate', 'p95', 'latency', 'queue_length', 'cart-errors', 'orders'), {
    minLength: 1,
    maxLength: 3,
  })
  .map((words) => words.join(' '));
const window = fc.option(
  fc.tuple(
    fc.constantFrom('for', 'averaged over'),
    fc.integer({ min: 1, max: 500 }),
    fc.constantFrom('minutes', 'hours', 'seconds'),
  ),
);
const operator = fc.constantFrom('<', '<=', '>', '>=', '==', '!=', 'at most', 'no less than', 'exceeds');
const amount = fc.oneof(
  fc.tuple(decimal, unit).map(([value, name]) => (name === null ? `${value}` : `${value} ${name}`)),
  decimal.filter((factor) => factor > 0).map((factor) => `${factor}x baseline`),
);
const sentence = fc
  .tuple(name, operator, amount, window)
  .map(([what, is, limit, over]) => `${what} ${is} ${limit}${over === null ? '' : ` ${over.join(' ')}`}`);

function understood(text: string): readonly ComparisonSentence[] {
  const reading = parseComparisons(text);
  if (reading.kind !== 'understood') throw new Error(`"${text}" is ${JSON.stringify(reading)}`);
  return reading.value;
}

test('a comparison that is printed and read again means the same', () => {
  fc.assert(
    fc.property(sentence, (text) => {
      const first = understood(text);
      expect(understood(first.map(printComparison).join(' and '))).toEqual(first);
    }),
  );
});

test('several comparisons are read as all of them, whatever joins them', () => {
  fc.assert(
    fc.property(sentence, sentence, fc.constantFrom(' and ', ', ', '; ', ' '), (one, other, joint) => {
      expect(understood(one + joint + other)).toEqual([...understood(one), ...understood(other)]);
    }),
  );
});

test('any word behind a comparison makes it one that is not understood', () => {
  const word = fc
    .stringMatching(/^[a-z]{3,9}$/)
    .filter((text) => !/^(?:and|min|sec|msec|mins|secs|hrs|pct|kib|mib|gib|tib|rps|qps|tps)$/.test(text));
  fc.assert(
    fc.property(sentence, word, (text, more) => {
      expect(parseComparisons(`${text} ${more}`).kind).toBe('partly');
    }),
  );
});

test('any text is read, quickly', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 400, unit: 'binary' }), (text) => {
      expect(['understood', 'partly', 'none']).toContain(parseComparisons(text).kind);
    }),
  );
});
