/** What a step printed, for its page: attempt by attempt, the end of each, or the lines that match. */
import { actionsWithoutLog, type JobLog, jobLogs } from '../client/logs.js';
import type { Sluice } from '../client/sluice.js';
import { titleOf } from '../strategy/kinds/effects/index.js';
import type { Plan } from '../strategy/plan.js';
import type { RunEvent } from '../strategy/run/event.js';
import { linesOf, matchesOf } from './log-lines.js';
import type { ShownLog } from './pages/log.js';
import type { StepModel } from './pages/step.js';

/** Lines of the latest log, which is what people look at, and of those before it. */
const LATEST_LINES = 200;
const EARLIER_LINES = 20;
/** Lines that match, of each log. */
const MATCHES = 200;
/** Logs in one page, the latest ones. */
const MOST_LOGS = 20;

export interface StepLogs extends Pick<StepModel, 'logs' | 'actions' | 'earlier'> {}

/** The logs of this host and, from the record, the actions that left none here. */
export async function logsOf(
  client: Sluice,
  run: string,
  step: string,
  search: string,
  plan: Plan | null,
): Promise<StepLogs> {
  const [files, events] = await Promise.all([jobLogs(client.home, run, step), client.events(run)]);
  const shown = files.slice(-MOST_LOGS);
  const logs = await Promise.all(
    shown.map(async (log): Promise<ShownLog> => {
      const head = headOf(log, files, events, step, plan);
      if (search !== '') return { ...head, ...(await matchesOf(log.file, search, MATCHES)) };
      const count = log === files.at(-1) ? LATEST_LINES : EARLIER_LINES;
      return { ...head, ...(await linesOf(log.file, -count, count)), found: null };
    }),
  );
  return { logs, actions: actionsWithoutLog(events, step, files), earlier: files.length - shown.length };
}

/** What a log is of, in words: its name is made for programs. */
export function headOf(
  { job }: JobLog,
  files: readonly JobLog[],
  events: readonly RunEvent[],
  step: string,
  plan: Plan | null,
): Pick<ShownLog, 'job' | 'title' | 'what' | 'outcome'> {
  const name = /^(\d+)-(apply|undo)-(\d+)-(\d+)\./.exec(job);
  if (name === null) return { job, title: job, what: '', outcome: null };
  const [, , purpose, index = '0', attempt = '1'] = name;
  const same = (each: string): boolean => each.includes(`-${purpose}-${index}-`);
  const ended = events
    .filter((event) => event.type === 'action-finished')
    .filter((event) => event.step === step && event.purpose === purpose && event.index === Number(index));
  // One event per execution, in their order; the record of a long run may begin later than the logs.
  const jobs = files.filter((each) => same(each.job)).map((each) => each.job);
  const outcome = jobs.length - ended.length <= 1 ? (ended[jobs.indexOf(job)] ?? null) : null;
  const planned = plan?.phases.flatMap(({ steps }) => steps).find(({ id }) => id === step);
  const undo = planned?.undo.kind === 'actions' ? planned.undo.actions : [];
  const action = (purpose === 'undo' ? undo : (planned?.actions ?? []))[Number(index)];
  return {
    job,
    title: `${purpose === 'undo' ? 'Undo, action' : 'Action'} ${Number(index) + 1}, attempt ${attempt}`,
    what: ended[0]?.what ?? (action === undefined ? '' : titleOf(action)),
    outcome,
  };
}
