import type { Command } from '@commander-js/extra-typings';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { withClient } from '../link.js';
import { describeRuns } from '../show/runs.js';

export function list(program: Command, { terminal, finish }: CliContext): void {
  program
    .command('list')
    .description('the runs, newest first')
    .addOption(flags.json())
    .action(async (options) => {
      const runs = await withClient(terminal, (client) => client.list());
      printResult(terminal, options.json, runs, () => describeRuns(runs, terminal.now()));
      finish(EXIT.done);
    });
}
