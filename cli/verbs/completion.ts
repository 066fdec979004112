import { Argument, type Command } from '@commander-js/extra-typings';
import { completionScript, SHELLS, type Shell, type Verb } from '../completion.js';
import type { CliContext } from '../context.js';
import { EXIT } from '../exit.js';

export function completion(command: Command, context: CliContext): void {
  command
    .addArgument(new Argument('<shell>', 'the shell').choices<readonly Shell[]>(SHELLS))
    .action(async (shell) => {
      const verbs = (await context.loadVerbs()).map((each): Verb => {
        const help = each.createHelp();
        return {
          name: each.name(),
          description: each.description(),
          flags: help
            .visibleOptions(each)
            .flatMap(({ long, description, argChoices }) =>
              long ? [{ name: long, description, choices: argChoices ?? [] }] : [],
            ),
          takesFile: help.visibleArguments(each).some((argument) => argument.name().startsWith('file')),
        };
      });
      context.terminal.out(completionScript(shell, verbs).trimEnd());
      context.finish(EXIT.done);
    });
}
