/** Writing what happened in a run back into its strategy file. */
import { readFile } from 'node:fs/promises';
import { type Exported, exportStrategy, missingFrom } from '../strategy/export/export.js';
import { parseStrategy } from '../strategy/parse.js';
import type { MigrationView } from '../strategy/run/view.js';
import { validateStrategy } from '../strategy/validate.js';
import { SluiceError } from './error.js';
import { rehearsed } from './rehearsals.js';

/**
 * The text of the file with what happened filled in; the file is left as it is. Rehearsals of the run's plan are found in
 * SLUICE_HOME.
 * @param view with every step
 * @throws SluiceError `unreadable-file` when the file cannot be read, is no valid strategy, or not that of the run
 */
export async function exportRun(home: string, file: string, view: MigrationView): Promise<Exported> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(`${file} cannot be read: ${messageOf(error)}`, 'Check the path.');
  });
  const parsed = parseStrategy(text, file);
  const validated = parsed.ok ? validateStrategy(parsed.value) : parsed;
  if (!('document' in validated)) {
    throw unreadable(`${file} is not a valid strategy.`, `See its problems: sluice check ${file}.`);
  }
  const missing = missingFrom(validated.document, view);
  if (missing !== null) {
    throw unreadable(
      `${file} is not the strategy of the run ${view.run}: it does not have ${missing}.`,
      'Name the file that the run was started with.',
    );
  }
  const tests = await rehearsed(home, view.strategy.hash);
  return exportStrategy(text, validated.document, { view, tests });
}

function unreadable(message: string, advice: string): SluiceError {
  return new SluiceError('unreadable-file', message, advice);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
