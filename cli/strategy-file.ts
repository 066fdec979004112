/** The files that check, plan and run read, and what is wrong with them. */
import { type Checked, readStrategy } from '../client/read.js';
import type { Plan } from '../strategy/plan.js';
import { formatProblem, type Problem } from '../strategy/problem.js';
import { CliError } from './cli-error.js';
import { EXIT } from './exit.js';
import type { Terminal } from './terminal.js';

export interface Reading {
  readonly bindings?: string | undefined;
  readonly unbound: 'person' | 'fail';
  readonly strict?: true | undefined;
}

export function readFiles(file: string, { bindings, unbound, strict }: Reading): Promise<Checked> {
  return readStrategy(file, { bindings, unbound, strict });
}

/** The plan; warnings go to stderr. @throws CliError with all problems when there is no plan. */
export function planOf(file: string, { plan, problems }: Checked, terminal: Terminal): Plan {
  if (plan === null) throw errorFor(file, problems);
  for (const problem of problems) terminal.note(formatProblem(problem));
  return plan;
}

export function errorFor(file: string, problems: readonly Problem[]): CliError {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const message = `${file} has ${errors === 1 ? 'an error' : `${errors} errors`}, so there is no plan.`;
  return new CliError(
    'bad-plan',
    message,
    `Correct ${errors === 1 ? 'it' : 'them'}, then: sluice check ${file}`,
    EXIT.problems,
    problems,
  );
}
