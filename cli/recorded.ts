/** A run that is completed and still watched, while nobody can ask it: its record on this host tells how it was. */
import { completedRun, type RecordedRun } from '../client/record.js';
import { homeFolder } from '../strategy/layout.js';
import { EXIT } from './exit.js';
import { MESSAGES } from './messages.js';
import type { Terminal } from './terminal.js';
import { toCliError } from './to-cli-error.js';

/** What `ask` answers; without an engine or a worker, what `read` makes of the record. @throws what `ask` throws */
export async function orRecorded<T>(
  terminal: Pick<Terminal, 'env' | 'note'>,
  run: string | undefined,
  ask: () => Promise<T>,
  read: (recorded: RecordedRun) => T | Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (run === undefined || toCliError(error).exit !== EXIT.noEngine) throw error;
    const recorded = await completedRun(homeFolder(terminal.env), run);
    if (recorded === null) throw error;
    terminal.note(MESSAGES.watchedFromRecord(recorded.view.asOf));
    return read(recorded);
  }
}
