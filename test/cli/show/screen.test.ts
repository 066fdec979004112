import { describe, expect, test } from 'vitest';
import { Screen } from '../../../cli/show/screen.js';

/** What a terminal shows in the end: enough of one for what the screen writes. */
function shown(written: string): string[] {
  const rows = [''];
  let row = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal's own commands begin with one.
  for (const [part] of written.matchAll(/\u001B\[\??\d*[A-Za-z]|\r|\n|[^\u001B\r\n]+/g)) {
    if (part.endsWith('A') && part.startsWith('\u001B')) row -= Number.parseInt(part.slice(2), 10);
    else if (part === '\u001B[0J') rows.splice(row, rows.length, '');
    else if (part === '\n') row += 1;
    else if (part !== '\r' && !part.startsWith('\u001B')) rows[row] = (rows[row] ?? '') + part;
  }
  return rows.slice(0, row);
}

describe('the screen', () => {
  test('replaces one picture by the next, longer or shorter', () => {
    const written: string[] = [];
    const screen = new Screen({ raw: (text) => void written.push(text) });
    screen.draw(['a', 'b', 'c']);
    screen.draw(['d']);
    screen.draw(['e', 'f']);
    expect(shown(written.join(''))).toEqual(['e', 'f']);
  });

  test('keeps what is said above the picture', () => {
    const written: string[] = [];
    const screen = new Screen({ raw: (text) => void written.push(text) });
    screen.draw(['a', 'b']);
    screen.above('the engine is gone');
    screen.draw(['c', 'd']);
    expect(shown(written.join(''))).toEqual(['the engine is gone', 'c', 'd']);
  });

  test('leaves a released picture alone', () => {
    const written: string[] = [];
    const screen = new Screen({ raw: (text) => void written.push(text) });
    screen.draw(['a']);
    screen.release();
    screen.draw(['b']);
    expect(shown(written.join(''))).toEqual(['a', 'b']);
  });
});
