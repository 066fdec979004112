import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8 } from '../../strategy/decode.js';
import { MAX_BYTES, parseStrategy } from '../../strategy/parse.js';
import { below } from '../../strategy/pointer.js';
import { briefly, expectInside } from './reading.js';

function read(text: string) {
  const parsed = parseStrategy(text, 'm.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

/** The problems that end the reading, or that it carries along. */
function faults(text: string): readonly string[] {
  const parsed = parseStrategy(text, 'm.yaml');
  return briefly(parsed.ok ? parsed.value.problems : parsed.problems);
}

describe('reading a file', () => {
  it('gives values by the core schema: dates stay texts, yes and no are texts', () => {
    const { value } = read(
      'a: 2025-10-04\nb: 2025-10-04T10:00:00Z\nc: yes\nd: true\ne: 12\nf: ~\ng:\nh: 0x1f\ni: "12"\nj: 1.5\n',
    );
    expect(value).toEqual({
      a: '2025-10-04',
      b: '2025-10-04T10:00:00Z',
      c: 'yes',
      d: true,
      e: 12,
      f: null,
      g: null,
      h: 31,
      i: '12',
      j: 1.5,
    });
  });

  it('reads any JSON to the same value', () => {
    const key = fc.string().filter((name) => !['__proto__', 'constructor', 'prototype'].includes(name));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'grapheme' }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, tree, { maxKeys: 4 }), (value) => {
        // YAML refuses some characters that JSON lets stand; escaped they mean the same.
        const text = JSON.stringify(value).replace(
          /[\u007f-\uffff]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
        expect(JSON.parse(JSON.stringify(read(text).value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('knows where every value and every key stands', () => {
    const { source } = read(
      'a:\n  - one\n  - b: "two"\n    c/d: |\n      three\nnothing:\nlast: {x: [1, 2]}\n',
    );
    expect(source.at('/a/0')).toEqual({ line: 2, column: 5 });
    expect(source.at('/a/1')).toEqual({ line: 3, column: 5 });
    expect(source.at('/a/1/b')).toEqual({ line: 3, column: 8 });
    expect(source.key('/a/1/b')).toEqual({ line: 3, column: 5 });
    expect(source.key(below('/a/1', 'c/d'))).toEqual({ line: 4, column: 5 });
    expect(source.at('/nothing')).toEqual({ line: 6, column: 1 });
    expect(source.at('/last/x/1')).toEqual({ line: 7, column: 15 });
    expect(source.at('/a/1/not/there')).toEqual(source.at('/a/1'));
  });

  it('counts lines alike for every kind of line break, and leaves a byte order mark out', () => {
    expect(read('\uFEFFa: 1\r\nb: 2\r\n').source.at('/b')).toEqual({ line: 2, column: 4 });
  });
});

describe('a file that cannot be read', () => {
  it.each([
    ['nothing in it', '', ['1:1 empty-file ']],
    ['comments only', '# a\n\n', ['1:1 empty-file ']],
    ['a list', '- a\n', ['1:1 not-a-mapping ']],
    ['a single value', 'hello', ['1:1 not-a-mapping ']],
    ['two documents', 'a: 1\n---\nb: 2\n', ['3:1 many-documents ']],
    ['a tab as indentation', 'a:\n\tb: 1\n', ['2:1 yaml-syntax ']],
    ['an open quote', 'a: "b\n', ['2:1 yaml-syntax ']],
    ['a NUL', 'a: 1\nb: \0\n', ['2:4 yaml-syntax ']],
    ['a list in a list, a hundred times', `a: ${'['.repeat(5000)}`, ['1:103 yaml-syntax ']],
  ])('gets its place named: %s', (_, text, expected) => {
    expect(faults(text)).toEqual(expected);
  });

  it.each(['a: "x\nb: 2\n', 'a: [1,\n', 'a: {b: 1\nc: 2\n', 'a:\n  - b: [1, 2\n    c: 3\n'])(
    'says that something is left open, not that its keys stand unevenly: %j',
    (text) => {
      const parsed = parseStrategy(text, 'm.yaml');
      const [problem] = parsed.ok ? [] : parsed.problems;
      expect(problem?.message).toContain('is not closed');
      expect(problem?.advice).toMatch(/^Close it/);
    },
  );

  it('is refused by its size before anything looks inside', () => {
    expect(faults(`a: ${'x'.repeat(MAX_BYTES)}`)).toEqual(['1:1 file-too-large ']);
    expect(faults(`a: ${'€'.repeat(MAX_BYTES / 3)}`)).toEqual(['1:1 file-too-large ']);
  });
});

describe('what YAML allows and a strategy does not', () => {
  it.each([
    ['a key twice', 'a: 1\nb: 2\na: 3\n', ['3:1 duplicate-key /a']],
    ['a key twice, quoted differently', 'k:\n  a: 1\n  "a": 3\n', ['3:3 duplicate-key /k/a']],
    ['an alias', 'a: &x 1\nb:\n  - *x\n', ['3:5 alias /b/0']],
    ['a merge', 'a: &x {b: 1}\nc:\n  <<: *x\n', ['3:7 alias /c/<<']],
    ['a tag', 'a: !!binary aGk=\nb: !ruby/object {c: 1}\n', ['1:4 tag /a', '2:4 tag /b']],
    ['a NUL, however it is written', 'a: "x\\0"\nb: ["\\x00"]\n', ['1:4 nul /a', '2:5 nul /b/0']],
    ['a list as a key', '? [a]\n: 1\n', ['1:3 complex-key /?']],
    [
      'a key of JavaScript',
      'a: {__proto__: {x: 1}, constructor: 2}\n',
      ['1:5 unknown-key /a/__proto__', '1:24 unknown-key /a/constructor'],
    ],
  ])('is named where it stands: %s', (_, text, expected) => {
    expect(faults(text)).toEqual(expected);
  });

  it('names the line of the first of two keys', () => {
    expect(read('a: 1\nb: 2\na: 3\n').problems[0]?.message).toContain('line 1');
  });

  it('never reaches a prototype', () => {
    const { value } = read('__proto__: {polluted: true}\na: {}\n');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(JSON.stringify(value)).toBe('{"a":{}}');
    expect(Reflect.get(Object(Reflect.get(Object(value), 'a')), 'constructor')).toBeUndefined();
  });

  it('stops counting aliases of a bomb at a hundred', () => {
    expect(faults(`a: &a [x]\nb: [${'*a,'.repeat(100_000)}]\n`)).toHaveLength(101);
  });
});

describe('bytes', () => {
  it('are decoded with every character of UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeUtf8(new TextEncoder().encode(text), 'm.yaml')).toEqual({ ok: true, text });
      }),
    );
  });

  it('that are not UTF-8 have their place named', () => {
    const decoded = decodeUtf8(new Uint8Array([0x61, 0x0a, 0xc3, 0xa4, 0xff, 0x62]), 'm.yaml');
    expect(decoded.ok ? [] : briefly(decoded.problems)).toEqual(['2:2 not-utf8 ']);
    const cut = decodeUtf8(new Uint8Array([0x61, 0xe2, 0x82]), 'm.yaml');
    expect(cut.ok ? [] : briefly(cut.problems)).toEqual(['1:2 not-utf8 ']);
  });

  it('beyond the limit are not decoded', () => {
    const decoded = decodeUtf8(new Uint8Array(MAX_BYTES + 1), 'm.yaml');
    expect(decoded.ok ? [] : briefly(decoded.problems)).toEqual(['1:1 file-too-large ']);
  });
});

it('no text whatever makes the reading throw, and every problem lies in the text', () => {
  const piece = fc.constantFrom(
    'a',
    ':',
    ' ',
    '\n',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '|',
    '>',
    '&a',
    '*a',
    '!t',
    '#',
    '?',
    ',',
    '\t',
    '---',
    '\r\n',
    '%',
    '0',
    '~',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (raw) => {
      const parsed = parseStrategy(raw, 'm.yaml');
      expectInside(raw, parsed.ok ? parsed.value.problems : parsed.problems);
    }),
    { numRuns: 2000 },
  );
});

it.each([
  ['metadata:\n  version "1.0"\n  migration_name: x\n', '2:10', 'version'],
  ['metadata:\n  version: "1.0"\n  migration_name x\nmigration_phases: []\n', '3:17', 'migration_name'],
  ['metadata\n  version: "1.0"\n', '1:9', 'metadata'],
  ['metadata: {}\nmigration_phases\n  - phase_id: A\n    name: b\n', '2:17', 'migration_phases'],
  ['migration_phases:\n  - phase_id A\n    name: b\n', '2:13', 'phase_id'],
  ['migration_phases:\n  - phase_id: A\n    name b # why\n\n    order: 1\n', '3:9', 'name'],
  ['a:\n  - b: x\n    execution_details\n      commands: [a]\n', '3:22', 'execution_details'],
  ['a:\n  text: |\n    no colon\n    nor here\n  name x\n  b: c\n', '5:7', 'name'],
  ['a:\n  description Long text\n    that goes on\n  b: c\n', '2:14', 'description'],
  ['\n\nmetadata\n  a: b\n', '3:9', 'metadata'],
  ['a:\n  version:"1.0"\n  b: c\n', '2:10', 'version'],
])('a missing colon is reported at its own line: %j', (text, position, key) => {
  const parsed = parseStrategy(text, 'm.yaml');
  const [problem] = parsed.ok ? [] : parsed.problems;
  expect(`${problem?.position.line}:${problem?.position.column}`).toBe(position);
  expect(problem?.message).toContain(`of "${key}" is missing`);
});

it.each(['a: [b\nc: d\n', 'a:\n  - b c\n - d\n', 'a: b\n  c: d\n', 'a: "b\nc: d\n'])(
  'another fault is not taken for a missing colon: %j',
  (text) => {
    const parsed = parseStrategy(text, 'm.yaml');
    expect(parsed.ok ? '' : parsed.problems[0]?.message).not.toContain('is missing');
  },
);
