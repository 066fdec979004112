/** What went wrong, in the one shape in which every verb reports it: for people, and for programs under --json. */
import { formatProblem, type Problem } from '../strategy/problem.js';
import { EXIT, type ExitCode } from './exit.js';

export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    /** Stable and short, such as `no-engine`, for programs. */
    readonly code: string,
    message: string,
    /** What to do next; null when the message says it all. */
    readonly advice: string | null,
    readonly exit: ExitCode,
    readonly problems: readonly Problem[] = [],
  ) {
    super(message);
  }
}

/** Wrong usage: exit code 2. */
export function usageError(message: string, advice: string): CliError {
  return new CliError('usage', message, advice, EXIT.usage);
}

/** For people: the problems, what happened, what to do. */
export function describeError(error: CliError): string {
  const lines = [...error.problems.map(formatProblem), `sluice: ${error.message}`];
  return error.advice === null ? lines.join('\n') : `${lines.join('\n')}\n        ${error.advice}`;
}

/** For programs. */
export function errorDocument(error: CliError): object {
  const { code, message, advice, problems } = error;
  return { error: { code, message, advice, ...(problems.length > 0 ? { problems } : {}) } };
}
