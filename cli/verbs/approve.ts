import type { Command } from '@commander-js/extra-typings';
import type { CliContext } from '../context.js';
import { flags } from '../flags.js';
import { voteOnApproval } from '../vote.js';

export function approve(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<run>', 'the full id of the run')
    .argument('[id]', 'the approval, or its gate (default: the only open one)')
    .addOption(flags.as())
    .addOption(flags.role())
    .addOption(flags.for())
    .addOption(flags.reason())
    .addOption(flags.key())
    .addOption(flags.json())
    .action(async (run, id, options) =>
      finish(await voteOnApproval(terminal, { run, id, option: 'approve', ...options })),
    );
}
