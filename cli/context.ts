/** What every verb receives: the terminal, and a way to set the exit code. */
import type { ExitCode } from './exit.js';
import { withLocalTimes } from './show/local-time.js';
import type { Terminal } from './terminal.js';

export interface CliContext {
  readonly terminal: Terminal;
  /** Called once by each verb with its exit code. */
  finish(exit: ExitCode): void;
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
