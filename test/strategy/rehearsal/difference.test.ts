import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differenceOf, maskText } from '../../../strategy/rehearsal/difference.js';

test('shows lines that are gone and new, in order, and nothing else', () => {
  expect(differenceOf('a\nb\nc\nd', 'a\nx\nc\nd\ne')).toEqual(['- b', '+ x', '+ e']);
  expect(differenceOf('same', 'same')).toEqual([]);
});

test('is empty exactly when nothing differs, and leads from one text to the other', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', '')).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const difference = differenceOf(before, after);
      expect(difference.length === 0).toBe(before === after);
      const count = (mark: string) => difference.filter((line) => line.startsWith(mark)).length;
      expect(before.split('\n').length - count('- ')).toBe(after.split('\n').length - count('+ '));
    }),
  );
});

test('stays quick for texts that have nothing in common', () => {
  const lines = (mark: string) => Array.from({ length: 50_000 }, (_, n) => `${mark}${n}`).join('\n');
  expect(differenceOf(lines('a'), lines('b'))).toHaveLength(100_000);
});

test('what is masked does not differ', () => {
  const masks = ['\\d{2}:\\d{2}', '^pid .*$'];
  expect(maskText('at 10:15\npid 17\nrows 3', masks)).toBe(maskText('at 11:59\npid 4\nrows 3', masks));
  expect(maskText('rows 3', masks)).not.toBe(maskText('rows 4', masks));
});
