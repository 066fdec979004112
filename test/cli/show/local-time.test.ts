import { expect, test } from 'vitest';
import { localTime, withLocalTimes } from '../../../cli/show/local-time.js';

test('a time for people is local and names its zone', () => {
  expect(localTime('2026-03-01T13:05:09.123Z', 'UTC')).toBe('2026-03-01 13:05:09 UTC');
  expect(localTime('2026-03-01T23:05:09Z', 'Asia/Tokyo')).toBe('2026-03-02 08:05:09 GMT+9');
});

test('instants within a sentence are made local, other text is left alone', () => {
  expect(withLocalTimes('Must stay quiet until 2026-07-01T00:00:00.000Z. v1.2', 'Asia/Tokyo')).toBe(
    'Must stay quiet until 2026-07-01 09:00:00 GMT+9. v1.2',
  );
});
