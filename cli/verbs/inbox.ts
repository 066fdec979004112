import type { Command } from '@commander-js/extra-typings';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { withClient } from '../link.js';
import { MESSAGES } from '../messages.js';
import { describeSummary } from '../show/decision.js';

export function inbox(command: Command, { terminal, finish }: CliContext): void {
  command
    .option('--as <name>', 'only what this identity, or a holder of this role, may answer')
    .addOption(flags.json())
    .action(async (options) => {
      const found = await withClient(terminal, (client) => client.inbox(options.as));
      const { entries } = found;
      printResult(terminal, options.json, found, () =>
        entries.length === 0
          ? [MESSAGES.noDecisions]
          : entries.flatMap(({ run, decision, options }) => [
              ...describeSummary(run, decision, terminal.paint, options),
              `    sluice status ${run}   shows the evidence`,
            ]),
      );
      finish(EXIT.done);
    });
}
