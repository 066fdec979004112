/** The verbs put together, and the one place where a verb's failure becomes words and an exit code. */
import { Command, CommanderError } from '@commander-js/extra-typings';
import { type CliError, describeError, errorDocument, usageError } from './cli-error.js';
import type { CliContext } from './context.js';
import { EXIT, type ExitCode } from './exit.js';
import type { Terminal } from './terminal.js';
import { toCliError } from './to-cli-error.js';
import { startTracing } from './tracing.js';
import { VERBS } from './verbs.js';
import { version } from './version.js';

const EXIT_CODES = `
Exit codes: 0 done (run: completed) · 1 problems found, or the run failed or was aborted · 2 wrong usage ·
3 waits for a person · 4 rolled back · 5 no engine or no worker can be reached`;

/** Carries out one command line and answers with its exit code; never rejects. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done;
  const usage: string[] = [];
  const context: CliContext = {
    terminal,
    finish: (code) => {
      exit = code;
    },
    loadVerbs: async () => (await buildProgram(context, () => undefined)).commands,
  };
  const tracing = await startTracing(terminal);
  try {
    const program = await buildProgram(context, (text) => usage.push(text), verbsIn(args));
    await program.parseAsync([...args], { from: 'user' });
    return exit;
  } catch (error) {
    return tell(error, usage.join(''), args.includes('--json'), terminal);
  } finally {
    await tracing.stop();
  }
}

/**
 * The command line, without running anything. Only the `wanted` verbs are loaded, by default all; of the others there
 * is what `sluice --help` lists. `complain` gets what commander says about wrong usage.
 */
export async function buildProgram(
  context: CliContext,
  complain: (text: string) => void,
  loaded: readonly string[] = Object.keys(VERBS),
): Promise<Command> {
  const program = new Command('sluice')
    .description('Carries out a migration-strategy.yaml durably: steps, gates, approvals, and the way back.')
    .version(version())
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.terminal.raw(text), writeErr: complain })
    .showHelpAfterError('(run the verb with --help for its arguments and flags)')
    .addHelpText('after', EXIT_CODES);
  for (const [name, { description, load }] of Object.entries(VERBS)) {
    const command = program.command(name).description(description);
    if (loaded.includes(name)) (await load())(command, context);
  }
  return program;
}

/** `sluice VERB ...` and `sluice help VERB`. */
function verbsIn([first = '', second = '']: readonly string[]): readonly string[] {
  return first === 'help' ? [second] : [first];
}

function tell(error: unknown, usage: string, json: boolean, terminal: Terminal): ExitCode {
  if (!(error instanceof CommanderError)) return printError(error, json, terminal);
  if (error.exitCode === 0) return EXIT.done;
  if (json) {
    const advice = 'For the list of verbs: sluice --help. For one verb: sluice VERB --help.';
    report(usageError(error.message.replace(/^error: /, ''), advice), json, terminal);
  } else {
    terminal.note(usage.trimEnd());
  }
  return EXIT.usage;
}

/** Says what went wrong, and answers with the exit code for it. */
export function printError(error: unknown, json: boolean, terminal: Terminal): ExitCode {
  const cliError = toCliError(error);
  report(cliError, json, terminal);
  if (terminal.env.SLUICE_DEBUG && error instanceof Error) terminal.note(error.stack ?? String(error));
  return cliError.exit;
}

function report(error: CliError, json: boolean, terminal: Terminal): void {
  if (json) terminal.out(JSON.stringify(errorDocument(error), null, 2));
  else terminal.note(describeError(error));
}
