/** The command `sluice`: reads the command line, carries out one verb, sets the exit code. */
import { printError, runCommandLine } from './program.js';
import { processTerminal } from './terminal.js';

/** What bin/sluice calls. Never rejects. */
export async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const terminal = processTerminal();

  // A reader that went away (`sluice events RUN | head`) is no mistake of anybody's.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    throw error;
  });

  // What no verb was there to catch still ends in words, not in a stack trace.
  process.on('uncaughtException', (error) => {
    process.exit(printError(error, args.includes('--json'), terminal));
  });

  process.exitCode = await runCommandLine(args, terminal);
}
