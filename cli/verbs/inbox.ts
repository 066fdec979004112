import type { Command } from '@commander-js/extra-typings';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { withClient } from '../link.js';
import { SAY } from '../messages.js';
import { describeDecision } from '../show/decision.js';

export function inbox(program: Command, { terminal, finish }: CliContext): void {
  program
    .command('inbox')
    .description('the open decisions of all runs')
    .option('--as <name>', 'only what this identity, or holder of this role, may answer')
    .addOption(flags.json())
    .action(async (options) => {
      const found = await withClient(terminal, (client) => client.inbox(options.as));
      for (const { run, why } of found.unreachable)
        terminal.note(`sluice: ${run} could not be asked: ${why}`);
      const { entries } = found;
      printResult(terminal, options.json, found, () =>
        entries.length === 0
          ? [SAY.noDecisions]
          : entries
              .flatMap(({ run, decision }) => [...describeDecision(run, decision, terminal.paint), ''])
              .slice(0, -1),
      );
      finish(EXIT.done);
    });
}
