/** The flags that several verbs share. */
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { SluiceError } from '../client/error.js';
import { checkRunId } from '../client/run-id.js';

export const flags = {
  json: () => new Option('--json', 'print one JSON document on stdout, and nothing else there'),
  as: () => new Option('--as <name>', "who acts (default: $SLUICE_AS, else the operating system's user)"),
  role: () => new Option('--role <role>', 'vote in this role, if you hold several of the roles needed'),
  for: () => new Option('--for <name>', 'whose vote it is, if you stand in for several people'),
  reason: () => new Option('--reason <text>', 'the reason; required to override an automated result'),
  key: () =>
    new Option(
      '--key <file>',
      'the key that signs, where votes are signed (default: your key in SLUICE_HOME)',
    ),
  bindings: () =>
    new Option(
      '--bindings <file>',
      'the bindings (default: migration-bindings.yaml beside the strategy, if it exists)',
    ),
  unbound: () =>
    new Option(
      '--unbound <how>',
      'how to treat a sentence that cannot be automated: ask a person, or report an error',
    )
      .choices(['person', 'fail'] as const)
      .default('person' as const),
  strict: () =>
    new Option('--strict', 'near misses and roles that the bindings do not name are errors, not warnings'),
};

/** A number of at least 1. */
export function factor(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 1)
    throw new InvalidArgumentError('Give a number of at least 1, such as 60.');
  return value;
}

/** A run's name. */
export function runName(text: string): string {
  try {
    return checkRunId(text);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    throw new InvalidArgumentError(error.advice ?? error.message);
  }
}
