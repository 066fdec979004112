import type { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.js';
import { flags } from '../flags.js';
import { order } from '../order.js';

export function rollback(program: Command, { terminal, finish }: Context): void {
  program
    .command('rollback')
    .description('take back what a run applied')
    .argument('<run>', 'the run, or the start of its name')
    .option(
      '--to <id>',
      'the phase or step that stays, with all before it; start takes everything back',
      'start',
    )
    .addOption(flags.as())
    .addOption(flags.reason())
    .addOption(flags.json())
    .action(async (run, { to, ...options }) =>
      finish(await order(terminal, { ...options, run, order: { order: 'rollback', to } })),
    );
}
