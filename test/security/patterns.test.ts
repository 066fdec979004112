/** No text makes a pattern run for ever: hostile texts are read in a process of their own, which is killed when it hangs. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { SentenceTable } from '../../strategy/compile/expressions.js';

/** A hundred times what it takes; a pattern that backtracks takes years. */
const KILL_AFTER_MS = 150_000;

test('every pattern comes to an end on texts that are made to keep it busy', async () => {
  const child = fileURLToPath(new URL('regex-child.mjs', import.meta.url));
  const { stdout, timedOut } = await execa(process.execPath, [child], {
    timeout: KILL_AFTER_MS,
    reject: false,
  });
  expect(timedOut, `it hung at: ${stdout.split('\n').slice(-2).join(' ')}`).toBe(false);
  expect(stdout).toMatch(/all read$/);
});

test('parameters are what Cucumber says they are', () => {
  const table = new SentenceTable(
    new Map([
      ['{int} of {float}% (row)s in {string} are/were {word}, [{}] \\(so\\)', 'all'],
      ['the name {string}', 'string'],
    ]),
  );
  const args = (text: string): readonly string[] | null => {
    const found = table.find(text);
    return found.kind === 'one' ? found.match.args : null;
  };
  expect(args('-3 of .5% rows in "a \\"b\\" c" were \u00e9clair, [x [y] (z)] (so)')).toEqual([
    '-3',
    '.5',
    'a "b" c',
    '\u00e9clair',
    'x [y] (z)',
  ]);
  expect(args("the name ''")).toEqual(['']);
  expect(args("the name 'it\\'s'")).toEqual(["it's"]);
  expect(args('the name unquoted')).toBeNull();
});

test('an expression too long to be meant as one is refused', () => {
  expect(new SentenceTable(new Map([[`{int} ${'x'.repeat(400)}`, true]])).refused).toHaveLength(1);
});
