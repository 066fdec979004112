/** A log is shown from its beginning, from its end or around a line, and all of it is searched, while it grows. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { linesOf, matchesOf } from '../../web/log-lines.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('lines keep their numbers from the beginning, from the end and in the middle, while the log grows', async () => {
  const file = join(folder, 'growing.log');
  writeFileSync(file, Array.from({ length: 1_501 }, (_, line) => `line ${line + 1} é\n`).join(''));
  const numbers = async (from: number, count: number) => {
    const { lines, total } = await linesOf(file, from, count);
    expect(lines.every(({ number, text }) => text.startsWith(`line ${number}`))).toBe(true);
    return [lines.at(0)?.number, lines.at(-1)?.number, total];
  };
  expect(await numbers(1, 500)).toEqual([1, 500, 1_501]);
  expect(await numbers(-200, 200)).toEqual([1_302, 1_501, 1_501]);
  expect(await numbers(1_001, 500)).toEqual([1_001, 1_500, 1_501]);
  expect(await numbers(1_502, 500)).toEqual([undefined, undefined, 1_501]);
  appendFileSync(file, 'line 1502');
  expect(await numbers(-2, 2)).toEqual([1_501, 1_502, 1_502]);
  appendFileSync(file, ' goes on\nline 1503\n');
  expect((await linesOf(file, -2, 2)).lines.map(({ text }) => text)).toEqual([
    'line 1502 goes on',
    'line 1503',
  ]);
});

test('a search covers the whole log, in any case, and says how many lines match', async () => {
  const file = join(folder, 'searched.log');
  writeFileSync(
    file,
    Array.from({ length: 3_000 }, (_, line) => (line % 1_000 ? 'quiet' : `ERROR ${line}`)).join('\n'),
  );
  const { lines, found, total } = await matchesOf(file, 'error', 2);
  expect({ found, total }).toEqual({ found: 3, total: 3_000 });
  expect(lines).toEqual([
    { number: 1_001, text: 'ERROR 1000' },
    { number: 2_001, text: 'ERROR 2000' },
  ]);
});

test('an empty log has no lines', async () => {
  const file = join(folder, 'empty.log');
  writeFileSync(file, '');
  expect(await linesOf(file, -200, 200)).toEqual({ lines: [], total: 0 });
});
