/** The verbs put together, and the one place where a verb's failure becomes words and an exit code. */
import { Command, CommanderError } from '@commander-js/extra-typings';
import { type CliError, describeError, errorDocument, usageError } from './cli-error.js';
import type { CliContext } from './context.js';
import { EXIT, type ExitCode } from './exit.js';
import type { Terminal } from './terminal.js';
import { toCliError } from './to-cli-error.js';
import { abort } from './verbs/abort.js';
import { approve } from './verbs/approve.js';
import { check } from './verbs/check.js';
import { decide } from './verbs/decide.js';
import { events } from './verbs/events.js';
import { inbox } from './verbs/inbox.js';
import { list } from './verbs/list.js';
import { logs } from './verbs/logs.js';
import { pause } from './verbs/pause.js';
import { plan } from './verbs/plan.js';
import { reject } from './verbs/reject.js';
import { resume } from './verbs/resume.js';
import { rollback } from './verbs/rollback.js';
import { run } from './verbs/run.js';
import { status } from './verbs/status.js';
import { up } from './verbs/up.js';
import { worker } from './verbs/worker.js';
import { version } from './version.js';

/** In the order in which `sluice --help` lists them. */
const VERBS = [
  check,
  plan,
  run,
  status,
  list,
  inbox,
  approve,
  reject,
  decide,
  pause,
  resume,
  abort,
  rollback,
  events,
  logs,
  up,
  worker,
];

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
  };
  try {
    await buildProgram(context, (text) => usage.push(text)).parseAsync([...args], { from: 'user' });
    return exit;
  } catch (error) {
    return tell(error, usage.join(''), args.includes('--json'), terminal);
  }
}

/** The whole command line, without running anything. `complain` gets what commander has to say about wrong usage. */
export function buildProgram(context: CliContext, complain: (text: string) => void): Command {
  const program = new Command('sluice')
    .description('Carries out a migration-strategy.yaml durably: steps, gates, approvals, and the way back.')
    .version(version())
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.terminal.raw(text), writeErr: complain })
    .showHelpAfterError('(run the verb with --help to see its arguments and flags)')
    .addHelpText('after', EXIT_CODES);
  for (const verb of VERBS) verb(program, context);
  return program;
}

function tell(error: unknown, usage: string, json: boolean, terminal: Terminal): ExitCode {
  if (!(error instanceof CommanderError)) return printError(error, json, terminal);
  if (error.exitCode === 0) return EXIT.done;
  if (json) {
    const advice = 'sluice --help lists the verbs; each has --help too.';
    report(usageError(error.message.replace(/^error: /, ''), advice), json, terminal);
  } else {
    terminal.note(usage.trimEnd());
  }
  return EXIT.usage;
}

/** Says what went wrong, and answers with the exit code for it. */
export function printError(error: unknown, json: boolean, terminal: Terminal): ExitCode {
  const trouble = toCliError(error);
  report(trouble, json, terminal);
  if (terminal.env.SLUICE_DEBUG && error instanceof Error) terminal.note(error.stack ?? String(error));
  return trouble.exit;
}

function report(trouble: CliError, json: boolean, terminal: Terminal): void {
  if (json) terminal.out(JSON.stringify(errorDocument(trouble), null, 2));
  else terminal.note(describeError(trouble));
}
