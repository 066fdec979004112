import type { Command } from '@commander-js/extra-typings';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { withClient } from '../link.js';
import { describeRuns } from '../show/runs.js';

export function list(command: Command, { terminal, finish }: CliContext): void {
  command.addOption(flags.json()).action(async (options) => {
    const runs = await withClient(terminal, (client) => client.list());
    printResult(terminal, options.json, runs, () => describeRuns(runs, terminal.now()));
    finish(EXIT.done);
  });
}
