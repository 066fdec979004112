import type { Command } from '@commander-js/extra-typings';
import bindingsSchema from '../../schemas/migration-bindings.schema.json' with { type: 'json' };
import strategySchema from '../../schemas/migration-strategy.schema.json' with { type: 'json' };
import type { CliContext } from '../context.js';
import { EXIT } from '../exit.js';

export function schema(command: Command, { terminal, finish }: CliContext): void {
  command.option('--bindings', 'the schema of the bindings, instead of the strategy').action((options) => {
    terminal.out(JSON.stringify(options.bindings === true ? bindingsSchema : strategySchema, null, 2));
    finish(EXIT.done);
  });
}
