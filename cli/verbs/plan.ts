import { type Command, Option } from '@commander-js/extra-typings';
import { renderPlan } from '../../strategy/index.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { planOf, readFiles } from '../strategy-file.js';

export function plan(program: Command, { terminal, finish }: CliContext): void {
  program
    .command('plan')
    .description('what will happen, in order, and the way back')
    .argument('<file>', 'the migration-strategy.yaml')
    .addOption(flags.bindings())
    .addOption(flags.unbound())
    .addOption(flags.strict())
    .addOption(
      new Option('--format <format>', 'text for people, json for programs')
        .choices(['text', 'json'] as const)
        .default('text' as const),
    )
    .addOption(flags.json())
    .action(async (file, options) => {
      const made = planOf(file, await readFiles(file, options), terminal);
      printResult(terminal, options.json ?? options.format === 'json', made, () => [
        renderPlan(made).trimEnd(),
      ]);
      finish(EXIT.done);
    });
}
