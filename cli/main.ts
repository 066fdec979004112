/** The command `sluice`: reads the command line, carries out one verb, sets the exit code. */
import { runCommandLine } from './program.js';
import { processTerminal } from './terminal.js';

// A reader that went away (`sluice events R | head`) is no mistake of anybody's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  throw error;
});

process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal());
