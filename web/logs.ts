/** What a step printed, for its page: whole, or the lines that match, and not more than a browser likes. */
import { actionsWithoutLog, jobLogs, readLog } from '../client/logs.js';
import type { Sluice } from '../client/sluice.js';
import type { StepModel } from './pages/step.js';

/** Characters of one log in a page: the end of it. */
const MOST = 200_000;

/** The logs of this host and, from the record, the actions that left none here. */
export async function logsOf(
  client: Sluice,
  run: string,
  step: string,
  search: string,
): Promise<Pick<StepModel, 'logs' | 'actions'>> {
  const files = await jobLogs(client.home, run, step);
  const logs = await Promise.all(
    files.map(async (log) => {
      const whole = await readLog(log);
      const text = search === '' ? whole : matching(whole, search);
      return { job: log.job, text: text.slice(-MOST), omitted: Math.max(0, text.length - MOST) };
    }),
  );
  return { logs, actions: actionsWithoutLog(await client.events(run), step, files) };
}

function matching(text: string, search: string): string {
  const wanted = search.toLowerCase();
  return text
    .split('\n')
    .filter((line) => line.toLowerCase().includes(wanted))
    .join('\n');
}
