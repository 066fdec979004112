/** The public keys of people, for verifying a record: those of the bindings, and those kept under the home folder. */
import { readFile } from 'node:fs/promises';
import { parseBindings } from '../strategy/parse.js';
import { formatProblem } from '../strategy/problem.js';
import { validateBindings } from '../strategy/validate.js';
import { SluiceError } from './error.js';
import { listKeys } from './keys.js';
import type { VoterKeys } from './verify-votes.js';

/**
 * By identity. Where the bindings name keys of a person, those alone count: a key under the home folder may be newer.
 * @throws SluiceError `unreadable-file` for bindings that cannot be read
 */
export async function voterKeys(home: string, bindings?: string): Promise<VoterKeys> {
  const own = (await listKeys(home)).map(({ identity, publicKey }) => [identity, [publicKey]] as const);
  const bound = bindings === undefined ? {} : await keysOfBindings(bindings);
  return { ...Object.fromEntries(own), ...bound };
}

async function keysOfBindings(file: string): Promise<VoterKeys> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new SluiceError(
      'unreadable-file',
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'Check the path.',
      error,
    );
  });
  const parsed = parseBindings(text, file);
  const validated = parsed.ok ? validateBindings(parsed.value) : parsed;
  if ('document' in validated) return validated.document.identity?.keys ?? {};
  throw new SluiceError(
    'unreadable-file',
    `${file} holds no valid bindings: ${validated.problems.map(formatProblem).join('\n')}`,
    'Name the bindings that the run was started with.',
  );
}
