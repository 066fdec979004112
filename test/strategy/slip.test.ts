import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distanceWithin } from '../../strategy/edit-distance.js';
import { SlipIndex } from '../../strategy/slip.js';

/** The rule as it is told, without an index. */
function meantSlowly(found: string, names: readonly string[]): string | null {
  const fold = (name: string): string => name.toLowerCase().replace(/[\s_-]+/g, '');
  const numbers = (name: string): string => (name.match(/\d+/g) ?? []).join(' ');
  const wanted = fold(found);
  if (wanted.length < 4 || names.some((name) => fold(name) === wanted)) return null;
  for (let distance = 1; distance <= (wanted.length < 10 ? 1 : 2); distance += 1) {
    const close = names.find((name) => {
      const other = fold(name);
      if (other.length < 4 || other[0] !== wanted[0] || numbers(other) !== numbers(wanted)) return false;
      return distanceWithin(wanted, other, distance) === distance;
    });
    if (close !== undefined) return close;
  }
  return null;
}

const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'B', '-', '_', ' ', '1', '2'), maxLength: 13 });

/** Names with slips of them: names at random are hardly ever close. */
const cases = fc.array(name, { maxLength: 12 }).chain((names) => {
  const slipped = fc.tuple(
    fc.constantFrom('', ...names),
    fc.nat(14),
    fc.nat(2),
    fc.constantFrom('a', 'c', '1', ''),
  );
  const found = slipped.map(([of, at, gone, letter]) => of.slice(0, at) + letter + of.slice(at + gone));
  return fc.tuple(fc.constant(names), fc.array(fc.oneof(found, name), { minLength: 1, maxLength: 6 }));
});

test('an index of names finds what comparing each of them finds, however often it is asked', () => {
  let close = 0;
  fc.assert(
    fc.property(cases, ([names, asked]) => {
      const index = new SlipIndex(names);
      for (const found of [...asked, ...asked]) {
        const meant = meantSlowly(found, names);
        if (meant !== null) close += 1;
        expect(index.meant(found)).toBe(meant);
      }
    }),
    { numRuns: 3000 },
  );
  expect(close).toBeGreaterThan(100);
});
