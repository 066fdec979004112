import { type Command, Option } from '@commander-js/extra-typings';
import type { CliContext } from '../context.js';
import { factor, flags, runName } from '../flags.js';
import { startDetached, startHere } from '../start.js';
import { planOf, readFiles } from '../strategy-file.js';
import { actor } from '../terminal.js';

export function run(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<file>', 'the migration-strategy.yaml')
    .addOption(flags.bindings())
    .addOption(flags.unbound())
    .addOption(flags.strict())
    .option(
      '--id <id>',
      'the id of the run; a live run with this id and the same plan is followed instead',
      runName,
    )
    .option('--detach', 'leave the run to a worker that is already running, and return at once')
    .option('--no-wait', 'exit with code 3 as soon as the run can only continue when a person answers')
    .addOption(
      new Option(
        '--on-failure <how>',
        'what happens on a failure: what the strategy says, or a full rollback without asking',
      )
        .choices(['strategy', 'full'] as const)
        .default('strategy' as const),
    )
    .option(
      '--compress <n>',
      'divide every soak, interval, deadline and delay by this, for trials',
      factor,
      1,
    )
    .addOption(flags.as())
    .addOption(flags.json())
    .action(async (file, options) => {
      const checked = await readFiles(file, options);
      const request = {
        plan: planOf(file, checked, terminal),
        submit: {
          workspace: checked.workspace,
          by: actor(options.as, terminal.env),
          id: options.id,
          onFailure: options.onFailure,
          compress: options.compress,
        },
        named: (options.as ?? terminal.env.SLUICE_AS ?? '').trim() !== '',
        noWait: !options.wait,
        json: options.json === true,
      };
      finish(options.detach ? await startDetached(request, terminal) : await startHere(request, terminal));
    });
}
