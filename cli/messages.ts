/** The command line's own messages. What every face says about a run is in strategy/run/. */
import { shellWord } from '../strategy/run/answers.js';

export const MESSAGES = {
  watchedFromRecord: (asOf: string): string =>
    `No engine or worker answers, so this is the record as of ${asOf}. The run is completed and still watched: start one with sluice up.`,
  stillWatched: (run: string): string =>
    `${run} is completed and still watched: keep a worker running (sluice up), or end it with sluice abort ${run}.`,
  lives: (run: string) =>
    `Nothing is lost: the run ${run} continues with the next \`sluice up\`, or \`sluice run\` with --id ${shellWord(run)}.`,
  stopping: 'Stopping the worker. Press Ctrl-C again to quit at once.',
  stoppingEngine:
    'Stopping. Nothing is lost: unfinished runs continue with the next `sluice up`. Press Ctrl-C again to quit at once.',
  stoppingDashboard: 'Stopping the dashboard. Press Ctrl-C again to quit at once.',
  insecure:
    'Names are only claimed: anyone who can reach this address and has the link can vote under any name. The page says so as well.',
  stoppingRehearsal:
    'Stopping, and removing the copies. Press Ctrl-C again to quit at once: then they are removed in the background.',
  ready: 'Ready. Press Ctrl-C to stop; nothing is lost.',
  blocked: (run: string) =>
    `The run ${run} waits for a person and stays open. See \`sluice status ${run}\`. Keep \`sluice up\` running so that answers are received.`,
  begun: (run: string) => `Run ${run}`,
  attached: (run: string) => `The run ${run} is already under way. Following it.`,
  waiting: (seconds: number) => `No worker answers yet. Waiting up to ${seconds} s for one.`,
  noRuns: 'There are no runs.',
  noDecisions: 'No decisions are open.',
  bug: 'This is a bug in sluice. Set SLUICE_DEBUG=1 to see where it happened, and please report it.',
} as const;
