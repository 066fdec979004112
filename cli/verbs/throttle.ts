import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { parseRowLimit } from '../../strategy/sentence/row-rule.js';
import type { CliContext } from '../context.js';
import { flags } from '../flags.js';
import { sendCommand } from '../send-command.js';

export function throttle(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<run>', 'the full id of the run')
    .argument('<step>', 'a step that copies or changes rows now')
    .argument('<rate>', 'such as "500 rows/s", or "none" for the limit of the strategy', limitOf)
    .addOption(flags.as())
    .addOption(flags.reason())
    .addOption(flags.key())
    .addOption(flags.json())
    .action(async (run, step, { ratePerSecond }, options) =>
      finish(
        await sendCommand(terminal, {
          ...options,
          run,
          command: { command: 'throttle', step, ratePerSecond },
        }),
      ),
    );
}

function limitOf(text: string): { readonly ratePerSecond: number | null } {
  const limit = parseRowLimit(text);
  if (limit === null) throw new InvalidArgumentError('Write it as "500 rows/s", or "none".');
  return limit;
}
