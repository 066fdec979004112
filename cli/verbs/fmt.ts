import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from '@commander-js/extra-typings';
import { formatYaml } from '../../client/format.js';
import { CliError } from '../cli-error.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';

export function fmt(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<file...>', 'strategies and bindings')
    .option('--check', 'change nothing; exit 1 if a file is not formatted')
    .addOption(flags.json())
    .action(async (files, options) => {
      const check = options.check === true;
      const changed: string[] = [];
      for (const file of files) {
        const text = await read(file);
        const formatted = formatYaml(text, file);
        if (formatted === text) continue;
        changed.push(file);
        if (!check) await writeFile(file, formatted);
      }
      printResult(terminal, options.json, { changed }, () =>
        changed.map((file) => (check ? `${file} is not formatted: sluice fmt ${file}` : `formatted ${file}`)),
      );
      finish(check && changed.length > 0 ? EXIT.problems : EXIT.done);
    });
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError('unreadable-file', `${file} cannot be read: ${why}`, 'Check the path.', EXIT.problems);
  }
}
