import type { Command } from '@commander-js/extra-typings';
import type { CliContext } from '../context.js';
import { flags } from '../flags.js';
import { sendCommand } from '../send-command.js';

export function release(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<run>', 'the full id of the run')
    .argument('<id>', 'the decision, such as failure:STEP-2-1')
    .addOption(flags.as())
    .addOption(flags.reason())
    .addOption(flags.key())
    .addOption(flags.json())
    .action(async (run, decision, options) =>
      finish(await sendCommand(terminal, { ...options, run, command: { command: 'release', decision } })),
    );
}
