import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { parseRowRate } from '../../strategy/sentence/row-rule.js';
import { CliError } from '../cli-error.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { withClient } from '../link.js';
import { withExactRun } from '../which-run.js';

export function throttle(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<run>', 'the exact id of the run')
    .argument('<step>', 'a step that copies or changes rows')
    .argument('<rate>', 'such as "500 rows/s", or "none" for the limit of the strategy', rate)
    .addOption(flags.json())
    .action(async (run, step, { ratePerSecond }, options) => {
      const { DatabaseTrouble } = await import('../../databases/place.js');
      const { rowsOfStep, throttle: limit } = await import('../../databases/throttle.js');
      const plan = await withClient(terminal, (client) => withExactRun(client, run, () => client.plan(run)));
      if (plan === null) {
        const advice = `Set it in the database of the target: update sluice.transfer set rate = 500 where run = '${run}'.`;
        throw new CliError('large-plan', 'The plan of this run is over 1 MiB.', advice, EXIT.problems);
      }
      if (rowsOfStep(plan, step).length === 0) {
        const advice = 'Name a step whose x-uses carries out a data migration.';
        throw new CliError(
          'no-rows',
          `The step "${step}" copies and changes no rows.`,
          advice,
          EXIT.problems,
        );
      }
      const place = { plan, workspace: process.cwd(), env: terminal.env };
      const throttled = await limit(place, { run, step, ratePerSecond }).catch((error: unknown) => {
        if (!(error instanceof DatabaseTrouble)) throw error;
        throw new CliError('not-throttled', error.message, null, EXIT.problems);
      });
      if (throttled.length === 0) {
        const advice = 'Try again while it copies or changes rows: sluice status shows the step.';
        throw new CliError('not-running', `The step "${step}" changes no rows now.`, advice, EXIT.problems);
      }
      const limited = ratePerSecond === null ? 'the limit of the strategy' : `${ratePerSecond} rows/s`;
      printResult(terminal, options.json, { run, step, ratePerSecond, throttled }, () =>
        throttled.map(({ item, table }) => `${item}: ${table} goes on at ${limited}.`),
      );
      finish(EXIT.done);
    });
}

function rate(text: string): { readonly ratePerSecond: number | null } {
  if (text === 'none') return { ratePerSecond: null };
  const ratePerSecond = /^\d+$/.test(text) ? parseRowRate(`${text} rows/s`) : parseRowRate(text);
  if (ratePerSecond === null) throw new InvalidArgumentError('Write it as "500 rows/s", or "none".');
  return { ratePerSecond };
}
