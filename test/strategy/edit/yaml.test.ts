/** A change of a YAML text leaves every other byte as it was, in block and in flow style. */
import { expect, test } from 'vitest';
import { editYaml } from '../../../strategy/edit/yaml.js';

test.each([
  ['a value, in its quotes', "a: 'x'  # why\nb: 2\n", ['a'], 'y', "a: 'y'  # why\nb: 2\n"],
  [
    'a field of a flow map',
    'm: { a: 1 }  # why\n',
    ['m', 'b'],
    'two, three',
    'm: { a: 1, b: "two, three" }  # why\n',
  ],
  ['a nested field of a flow map', 'm: { a: 1 }\n', ['m', 'b', 'c'], true, 'm: { a: 1, b: { c: true } }\n'],
  ['an item of a flow list', 'l: [a, b]\n', ['l', '2'], { c: 'd: e' }, 'l: [a, b, { c: "d: e" }]\n'],
  [
    'an item of a block list',
    'l:\n  - a: 1\n  # last\nm: 2\n',
    ['l', '1'],
    { a: 2 },
    'l:\n  - a: 1\n  - a: 2\n  # last\nm: 2\n',
  ],
  [
    'a field of a block map',
    'm:\n    a: 1  # why\nn: 2\n',
    ['m', 'b'],
    'x',
    'm:\n    a: 1  # why\n    b: x\nn: 2\n',
  ],
  ['a field that is not there any more', 'a: 1\nb: 2  # why\nc: 3\n', ['b'], undefined, 'a: 1\nc: 3\n'],
])('%s', (_, text, path, value, expected) => {
  expect(editYaml(text, path, value)).toBe(expected);
});

test.each([
  ['a text that is not YAML', 'a: [', ['a'], 1],
  ['an item beyond the end of a list', 'l: [a]\n', ['l', '4'], 'b'],
  ['a map for a value', 'a: 1\n', ['a'], { b: 2 }],
])('%s cannot be changed in place', (_, text, path, value) => {
  expect(editYaml(text, path, value)).toBeNull();
});
