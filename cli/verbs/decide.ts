import type { Command } from '@commander-js/extra-typings';
import type { CliContext } from '../context.js';
import { flags } from '../flags.js';
import { vote } from '../vote.js';

export function decide(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<run>', 'the full id of the run')
    .argument('<id>', 'the decision, such as failure:STEP-2-1')
    .argument('<option>', 'one of its options')
    .addOption(flags.as())
    .addOption(flags.role())
    .addOption(flags.for())
    .addOption(flags.reason())
    .addOption(flags.key())
    .addOption(flags.json())
    .action(async (run, id, option, options) =>
      finish(await vote(terminal, { run, id, option, ...options })),
    );
}
