import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseIsoDate } from '../../strategy/iso-date.js';

function read(text: string): string | null {
  const date = parseIsoDate(text);
  if (date === null) return null;
  const [from, until] = [new Date(date.from).toISOString(), new Date(date.until).toISOString()];
  return from === until ? from : `${from} to ${until}`;
}

const FOURTH = '2025-10-04T00:00:00.000Z to 2025-10-05T00:00:00.000Z';

test.each([
  ['2025-10-04', FOURTH],
  ['20251004', FOURTH],
  ['2025-W40-6', FOURTH],
  ['2025W406', FOURTH],
  ['2025-277', FOURTH],
  ['2025277', FOURTH],
  ['2025-W40', '2025-09-29T00:00:00.000Z to 2025-10-06T00:00:00.000Z'],
  ['2025-10', '2025-10-01T00:00:00.000Z to 2025-11-01T00:00:00.000Z'],
  ['2025-12', '2025-12-01T00:00:00.000Z to 2026-01-01T00:00:00.000Z'],
  ['2025', '2025-01-01T00:00:00.000Z to 2026-01-01T00:00:00.000Z'],
  ['2020-W53-7', '2021-01-03T00:00:00.000Z to 2021-01-04T00:00:00.000Z'],
  ['2024-366', '2024-12-31T00:00:00.000Z to 2025-01-01T00:00:00.000Z'],
  ['2025-10-04T10:00:00+02', '2025-10-04T08:00:00.000Z'],
  ['2025-10-04T10:00:00+0200', '2025-10-04T08:00:00.000Z'],
  ['20251004T100000Z', '2025-10-04T10:00:00.000Z'],
  ['2025-10-04T23:59:60Z', '2025-10-05T00:00:00.000Z'],
  ['2025-10-05T01:59:60+02:00', '2025-10-05T00:00:00.000Z'],
  ['2025-10-04T24:00', '2025-10-05T00:00:00.000Z'],
  ['2025-10-04T10', '2025-10-04T10:00:00.000Z'],
  ['2025-10-04T10:30,5', '2025-10-04T10:30:30.000Z'],
  ['2025-10-04t10:00:00.123z', '2025-10-04T10:00:00.123Z'],
  ['2025-W40-6T10:00-05:30', '2025-10-04T15:30:00.000Z'],
  ['2025-10-04 10:00:00Z', '2025-10-04T10:00:00.000Z'],
])('%s is %s', (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  '2025-13-01',
  '2025-02-30',
  '2025-02-29',
  '2025-366',
  '2025-W53',
  '2025-W40-8',
  '2025-1-1',
  '2025-10T10:00',
  '2025-10-04T25:00',
  '2025-10-04T24:01',
  '2025-10-04T10:60',
  '2025-10-04T10:00:61Z',
  '2025-10-04T10:30:60Z',
  '2025-10-04T23:59:60+01:00',
  '2025-10-04T10:00+24',
  '2025-10-04T',
  '2025-10-04T10:00 PM',
  'tomorrow',
  '',
])('%s is no date', (text) => {
  expect(read(text)).toBeNull();
});

test('whatever Date writes is read to the same instant, and no text gives a time that is not a number', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
      (date) => {
        expect(parseIsoDate(date.toISOString())?.from).toBe(date.getTime());
      },
    ),
  );
  const piece = fc.constantFrom('2025', '-', '10', '04', 'T', ':', '60', '59', '+', 'Z', 'W', '00', '.5');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const date = parseIsoDate(pieces.join(''));
      expect(date === null || Number.isFinite(date.from + date.until)).toBe(true);
    }),
  );
});
