/** Which run is meant: its id, the start of its id where nothing is changed, or no id at all. */
import { SluiceError } from '../client/error.js';
import type { RunSummary } from '../client/list.js';
import type { Sluice } from '../client/sluice.js';
import { CliError, usageError } from './cli-error.js';
import { EXIT } from './exit.js';
import { MESSAGES } from './messages.js';

/**
 * For verbs that only look: the run of this id, or the only one whose id starts so.
 * @throws CliError `usage` when several ids start so; SluiceError `no-run` when none does.
 */
export async function whichRun(client: Sluice, wanted: string): Promise<string> {
  return pickRun(wanted, await candidates(client, wanted)) ?? wanted;
}

/**
 * For verbs that change something: does it to the run of exactly this id.
 * @throws CliError `usage`, and then nothing was changed, when the id is only the start of others.
 */
export async function withExactRun<T>(client: Sluice, run: string, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'no-run') throw error;
    const found = await candidates(client, run);
    if (found.length === 0) throw error;
    throw usageError(
      `There is no run "${run}". Runs that start with it: ${found.join(', ')}.`,
      'This command changes a run, so it needs the full id. Nothing was changed.',
    );
  }
}

/** The run that is under way when there is just one, else the latest. */
export async function onlyRun(client: Sluice): Promise<string> {
  return pickOnly(await client.list());
}

/** Null when no id starts so. @throws CliError when several do. */
export function pickRun(wanted: string, runs: readonly string[]): string | null {
  const matching = runs.filter((run) => run.startsWith(wanted));
  if (matching.includes(wanted)) return wanted;
  if (matching.length > 1) {
    throw usageError(
      `Several runs start with "${wanted}": ${matching.join(', ')}.`,
      'Give more characters of the id.',
    );
  }
  return matching[0] ?? null;
}

/** Takes runs newest first. @throws CliError when several runs are under way, or there are none. */
export function pickOnly(runs: readonly Pick<RunSummary, 'run' | 'endedAt'>[]): string {
  const open = runs.filter(({ endedAt }) => endedAt === null);
  if (open.length > 1) {
    throw usageError(
      `Several runs are running: ${open.map(({ run }) => run).join(', ')}.`,
      'Specify one of them.',
    );
  }
  const chosen = open[0] ?? runs[0];
  if (chosen === undefined)
    throw new CliError('no-run', MESSAGES.noRuns, 'Start one: sluice run FILE.', EXIT.problems);
  return chosen.run;
}

/** The wanted id itself among them, however many others start so, and even before the engine lists it. */
async function candidates(client: Sluice, wanted: string): Promise<readonly string[]> {
  if (await client.hasRun(wanted)) return [wanted];
  return client.findRuns(wanted);
}
