/** What every verb receives: the terminal, and a way to set the exit code. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { ExitCode } from './exit.js';
import { withLocalTimes } from './show/local-time.js';
import type { Terminal } from './terminal.js';

export interface CliContext {
  readonly terminal: Terminal;
  /** Called once by each verb with its exit code. */
  finish(exit: ExitCode): void;
  /** Every verb with its arguments and flags; by default only the verb in use is loaded. */
  loadVerbs(): Promise<readonly CommandUnknownOpts[]>;
}

/** Prints a verb's result: as the one JSON document with times in UTC, or as lines for people with local times. */
export function printResult(
  terminal: Terminal,
  json: boolean | undefined,
  document: unknown,
  lines: () => readonly string[],
): void {
  terminal.out(json ? JSON.stringify(document, null, 2) : withLocalTimes(lines().join('\n')));
}
