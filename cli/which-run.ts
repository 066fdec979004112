/** Which run is meant: its name, the start of its name, or no name at all. */
import { type RunSummary, type Sluice, SluiceError } from '../client/index.js';
import { CliError, usageError } from './cli-error.js';
import { EXIT } from './exit.js';
import { SAY } from './messages.js';

/**
 * The run of this name, or the only one whose name starts so.
 * @throws Trouble `usage` when several names start so; SluiceError `no-run` when none does.
 */
export async function whichRun(client: Sluice, wanted: string): Promise<string> {
  try {
    // The run itself first: one that was just started may not be listed yet.
    await client.decisions(wanted);
    return wanted;
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    // Anything else says that the run is there; what is wrong is told by what is done with it.
    if (error.code !== 'no-run') return wanted;
    const found = pickRun(wanted, await client.list());
    if (found === null) throw error;
    return found;
  }
}

/** The run that is under way when there is just one, else the latest. */
export async function onlyRun(client: Sluice): Promise<string> {
  return pickOnly(await client.list());
}

/** Null when no name starts so. @throws Trouble when several do. */
export function pickRun(wanted: string, runs: readonly Pick<RunSummary, 'run'>[]): string | null {
  const matching = runs.filter(({ run }) => run.startsWith(wanted)).map(({ run }) => run);
  if (matching.includes(wanted)) return wanted;
  if (matching.length > 1) {
    throw usageError(
      `Several runs start with "${wanted}": ${matching.join(', ')}.`,
      'Write more of the name.',
    );
  }
  return matching[0] ?? null;
}

/** Takes runs newest first. @throws Trouble when several runs are under way, or there is none at all. */
export function pickOnly(runs: readonly Pick<RunSummary, 'run' | 'endedAt'>[]): string {
  const open = runs.filter(({ endedAt }) => endedAt === null);
  if (open.length > 1) {
    throw usageError(
      `Several runs are under way: ${open.map(({ run }) => run).join(', ')}.`,
      'Say which one.',
    );
  }
  const chosen = open[0] ?? runs[0];
  if (chosen === undefined)
    throw new CliError('no-run', SAY.noRuns, 'Start one: sluice run FILE.', EXIT.problems);
  return chosen.run;
}
