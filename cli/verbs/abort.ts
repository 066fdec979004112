import type { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.js';
import { flags } from '../flags.js';
import { order } from '../order.js';

export function abort(program: Command, { terminal, finish }: Context): void {
  program
    .command('abort')
    .description('stop a run here, and keep what it applied')
    .argument('<run>', 'the run, or the start of its name')
    .addOption(flags.as())
    .addOption(flags.reason())
    .addOption(flags.json())
    .action(async (run, options) =>
      finish(await order(terminal, { ...options, run, order: { order: 'abort' } })),
    );
}
