/** A change of a configuration file touches its setting and nothing else, in every format. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Change, edit, Mismatch } from '../../../activities/effects/config-file/edit.js';
import type { ConfigFormat } from '../../../strategy/plan.js';

const set = (value: string, expected: string | null): Change => ({ do: 'set', value, expected });

interface Sample {
  readonly format: ConfigFormat;
  readonly text: string;
  readonly path: readonly string[];
  /** What stands there, as a strategy writes it. */
  readonly value: string;
  /** A setting beside it, which is not there. */
  readonly missing: readonly string[];
}

const SAMPLES: readonly Sample[] = [
  {
    format: 'yaml',
    text: '# the shop\ndiscount:   # per cart\n    enabled:  false   # not yet\n    limits: [ 1,2 ]\n\nother: "x"\n',
    path: ['discount', 'enabled'],
    value: 'false',
    missing: ['discount', 'rate'],
  },
  {
    format: 'json',
    text: '{\n    // the shop\n    "discount": {\n        "enabled": false, /* not yet */\n        "limits": [ 1,2 ]\n    }\n}\n',
    path: ['discount', 'enabled'],
    value: 'false',
    missing: ['discount', 'rate'],
  },
  {
    format: 'toml',
    text: '# the shop\ntitle = "a # b"\n\n[discount]   # per cart\nenabled =  false   # not yet\nlimits = [ 1,2 ]\n\n[other]\nx = 1\n',
    path: ['discount', 'enabled'],
    value: 'false',
    missing: ['discount', 'rate'],
  },
  {
    format: 'ini',
    text: '; the shop\ntitle = a\n\n[discount]\nenabled =  false\nlimits: 1,2\n\n[other]\nx=1\n',
    path: ['discount', 'enabled'],
    value: 'false',
    missing: ['discount', 'rate'],
  },
  {
    format: 'env',
    text: '# the shop\nexport DISCOUNT=false   # not yet\nQUOTED="a # b"\nEMPTY=\n',
    path: ['DISCOUNT'],
    value: 'false',
    missing: ['RATE'],
  },
  {
    format: 'properties',
    text: '! the shop\ndiscount.enabled: false\ndiscount.limits = 1,2\n',
    path: ['discount.enabled'],
    value: 'false',
    missing: ['discount.rate'],
  },
];

describe.each(SAMPLES)('$format', ({ format, text, path, value, missing }) => {
  test('an update replaces the value alone: comments and spaces stay', () => {
    expect(edit(text, format, path, set('true', value))).toBe(text.replace('false', 'true'));
  });

  test('an update that is made already changes nothing', () => {
    expect(edit(text, format, path, set('false', 'something else'))).toBe(text);
  });

  test('a removal takes one line, and adding puts the setting back among its neighbours', () => {
    const removed = edit(text, format, path, { do: 'remove', expected: value });
    const kept = (whole: string) => whole.split('\n').filter((line) => !line.includes('false'));
    expect(kept(removed)).toEqual(kept(text));
    expect(removed).not.toContain('false');
    expect(edit(removed, format, path, { do: 'remove', expected: value })).toBe(removed);
  });

  test('a new setting is added, and every other line stays as it was', () => {
    const added = edit(text, format, missing, set('7', null));
    const lines = added.split('\n');
    for (const line of text.split('\n')) expect(added).toContain(line);
    expect(lines.filter((line) => /rate/i.test(line))).toHaveLength(1);
    expect(edit(added, format, missing, { do: 'remove', expected: '7' }).replace(/,(?=\s*\})/, '')).toBe(
      text.replace(/,(?=\s*\})/, ''),
    );
  });

  test('a move keeps the value', () => {
    const moved = edit(text, format, missing, { do: 'move', from: path, expected: value });
    expect(edit(moved, format, missing, { do: 'remove', expected: 'false' })).not.toContain('false');
    expect(edit(moved, format, missing, { do: 'move', from: path, expected: value })).toBe(moved);
  });

  test('another value than expected, and one where none is expected, are refused', () => {
    expect(() => edit(text, format, path, set('true', 'maybe'))).toThrow(Mismatch);
    expect(() => edit(text, format, path, set('true', null))).toThrow(Mismatch);
    expect(() => edit(text, format, missing, set('true', 'false'))).toThrow(Mismatch);
  });
});

const TYPED: readonly ConfigFormat[] = ['json', 'yaml', 'toml'];

test.each(TYPED)('in %s a number stays a number, and a word in its place is refused', (format) => {
  const text = format === 'json' ? '{ "port": 80 }' : format === 'yaml' ? 'port: 80\n' : 'port = 80\n';
  expect(edit(text, format, ['port'], set('81', '80'))).toBe(text.replace('80', '81'));
  expect(() => edit(text, format, ['port'], set('eighty', '80'))).toThrow(/is a number there/);
});

test.each(TYPED)('in %s a text that looks like a number stays a text', (format) => {
  const text = format === 'json' ? '{ "port": "80" }' : format === 'yaml' ? 'port: "80"\n' : 'port = "80"\n';
  expect(edit(text, format, ['port'], set('81', '80'))).toBe(text.replace('80', '81'));
});

test.each<[ConfigFormat, string]>([
  ['json', '{ "a": '],
  ['yaml', 'a: [1\nb: 2'],
  ['toml', 'a = \n'],
  ['ini', 'just words\n'],
  ['env', 'just words\n'],
])('a broken %s file is refused', (format, text) => {
  expect(() => edit(text, format, ['a'], set('2', '1'))).toThrow(/it is not/);
});

test('a setting that stands twice is refused, because nobody can tell which one counts', () => {
  expect(() => edit('A=1\nA=2\n', 'env', ['A'], set('3', '2'))).toThrow(/2 times/);
});

test('missing tables are made on the way', () => {
  expect(edit('x: 1\n', 'yaml', ['a', 'b'], set('2', null))).toBe('x: 1\na:\n  b: 2\n');
  expect(edit('x = 1\n', 'toml', ['a', 'b'], set('2', null))).toBe('x = 1\n\n[a]\nb = 2\n');
  expect(edit('x=1\n', 'ini', ['a', 'b'], set('2', null))).toBe('x=1\n[a]\nb=2\n');
});

test('whatever text is set in an environment file, a shell and the next reading find the same', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((value) => !/[\r\n]/.test(value));
  fc.assert(
    fc.property(text, (value) => {
      const after = edit('A=1\n', 'env', ['A'], set(value, '1'));
      expect(edit(after, 'env', ['A'], set(value, 'never'))).toBe(after);
    }),
  );
});
