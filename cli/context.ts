/** What every verb is given: the terminal, and a frame that turns its end into output and an exit code. */
import type { ExitCode } from './exit.js';
import type { Terminal } from './terminal.js';

export interface CliContext {
  readonly terminal: Terminal;
  /** Called once by each verb with its exit code. */
  finish(exit: ExitCode): void;
}

/** Prints a verb's result: as the one JSON document, or as lines for people. */
export function printResult(
  terminal: Terminal,
  json: boolean | undefined,
  document: unknown,
  lines: () => readonly string[],
): void {
  terminal.out(json ? JSON.stringify(document, null, 2) : lines().join('\n'));
}
