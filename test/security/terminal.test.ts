/** Nothing that a strategy, a command or a person wrote commands the terminal of whoever looks. */
import { expect, test } from 'vitest';
import { COLOURS, escapeControls } from '../../cli/escape-controls.js';
import { Screen } from '../../cli/show/screen.js';
import { Sandbox } from '../cli/sluice.js';
import { phase, step, strategy } from '../support/strategies.js';

/** What changes the title, the clipboard, the cursor, the direction of writing, or what stands there already. */
const ATTACKS: readonly (readonly [string, string])[] = [
  ['a title (OSC 0)', '\u001B]0;owned\u0007'],
  ['the clipboard (OSC 52)', '\u001B]52;c;cm0gLXJmIC8=\u001B\\'],
  ['a link (OSC 8)', '\u001B]8;;http://evil\u001B\\text\u001B]8;;\u001B\\'],
  ['clearing the screen', '\u001B[2J\u001B[H'],
  ['an answer typed into the shell (DSR, DECRQSS)', '\u001B[6n\u001BP$q"p\u001B\\'],
  ['hidden text (SGR 8)', '\u001B[8mhidden\u001B[0m'],
  ['the eight-bit forms', '\u009B2J\u009D0;owned\u009C'],
  ['overwriting the line', 'FAILED\rpassed'],
  ['backspaces', 'FAILED\b\b\b\b\b\bpassed'],
  ['turned writing', '\u202Etxt.exe\u202C \u2066a\u2069'],
  ['NUL, bell and shift', 'a\u0000b\u0007c\u000E'],
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
const COMMANDS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/;
const all = ATTACKS.map(([, text]) => text).join('|');

test.each(ATTACKS)('%s is written out, not carried out', (_name, text) => {
  expect(escapeControls(text)).not.toMatch(COMMANDS);
});

test("the program's own colours stay, and line breaks and tabs", () => {
  expect(escapeControls('\u001B[32mgood\u001B[39m\n\tnext\r\nlast')).toBe(
    '\u001B[32mgood\u001B[39m\n\tnext\nlast',
  );
  expect(Object.keys(COLOURS)).toHaveLength(6);
});

test('a JSON document keeps its value', () => {
  const value = { text: all };
  const shown = escapeControls(JSON.stringify(value, null, 2));
  expect(shown).not.toMatch(COMMANDS);
  expect(JSON.parse(shown)).toEqual(value);
});

test('a picture is redrawn with the commands of the screen and no others', () => {
  let drawn = '';
  const screen = new Screen({
    raw: (text) => {
      drawn += text;
    },
  });
  screen.draw([all]);
  screen.above(all);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the screen's own commands.
  const foreign = drawn.replaceAll(/\r?\u001B\[(?:\d+A|0J|\?7[lh])|\r(?=\u001B)/g, '');
  expect(foreign).not.toMatch(COMMANDS);
});

test('of a run whose every text attacks, no verb prints a command to the terminal', async () => {
  const sandbox = new Sandbox();
  try {
    const hostile = strategy(
      [
        phase(
          'PHASE-1',
          1,
          [
            step('STEP-1', 1, {
              // sh is told in octal what it is to print: a script would do as much.
              commands: [`printf '${octal(all)}'`],
              undo: null,
              more: { name: `Step ${all}`, description: all },
            }),
            step('STEP-2', 2, {
              commands: [`printf '${octal(all)}' >&2; exit 3`],
              undo: null,
              more: { name: all },
            }),
          ],
          { name: `Phase ${all}` },
        ),
      ],
      { metadata: { version: '1.0.0', migration_name: `Name ${all}` } },
    );
    const file = sandbox.write('migration-strategy.yaml', escaped(hostile));
    const wrong = sandbox.write(
      'wrong.yaml',
      escaped(strategy([phase('PHASE-1', 1, [], { [all]: all, name: 7, order: all })])),
    );
    const run = ['run', file, '--id', 'hostile', '--on-failure', 'full', '--no-wait'];
    const printed = [
      await sandbox.sluice(['check', wrong]),
      await sandbox.sluice(['check', wrong, '--json']),
      await sandbox.sluice(['check', file, '--all']),
      await sandbox.sluice(['plan', file]),
      await sandbox.sluice(['plan', file, '--json']),
      await sandbox.sluice(run),
      await sandbox.sluice(['logs', 'hostile', 'STEP-1']),
      await sandbox.sluice(['logs', 'hostile', 'STEP-2', '--json']),
      await sandbox.sluice(['status', all.replaceAll('\u0000', '')]),
    ];
    expect(printed[0]?.stdout).toContain('\\u001b');
    expect(printed[6]?.stdout).toContain('\\u001b');
    for (const { stdout, stderr } of printed) {
      expect(stdout).not.toMatch(COMMANDS);
      expect(stderr).not.toMatch(COMMANDS);
    }
  } finally {
    await sandbox.close();
  }
});

/** For printf(1). */
function octal(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/** JSON that YAML takes: its controls escaped. NUL is refused by itself, so it is left out. */
function escaped(value: object): string {
  const text = JSON.stringify(value).replaceAll('\\u0000', '');
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
