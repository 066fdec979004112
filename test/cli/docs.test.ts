import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildProgram } from '../../cli/program.js';
import { fakeTerminal } from './fixtures.js';

const context = { terminal: fakeTerminal().terminal, finish: () => undefined, loadVerbs: async () => [] };
const program = await buildProgram(context, () => undefined);
const page = (name: string) =>
  readFileSync(new URL(`../../docs/cli/${name}.md`, import.meta.url), 'utf8').replace(/\s+/g, ' ');

describe.each(program.commands.map((command) => [command.name(), command] as const))(
  'docs/cli/%s.md',
  (name, command) => {
    const help = command.createHelp();

    test('says every flag and argument in the words of --help', () => {
      const text = page(name);
      for (const option of help.visibleOptions(command).filter(({ long }) => long !== '--help')) {
        expect(text).toContain(`| \`${option.flags}\` | ${help.optionDescription(option)} |`);
      }
      for (const argument of help.visibleArguments(command)) {
        expect(text).toContain(help.argumentDescription(argument));
      }
    });

    test('says its exit codes, and is listed', () => {
      expect(page(name)).toContain('| Exit code |');
      expect(page('README')).toContain(`(${name}.md) | ${command.description()} |`);
    });
  },
);
