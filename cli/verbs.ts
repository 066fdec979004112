/** The verbs. Each is loaded only when it is used: what one needs, such as Temporal's client, takes longer to load than most of them to run. */
import type { Command } from '@commander-js/extra-typings';
import type { CliContext } from './context.js';

interface Verb {
  readonly description: string;
  load(): Promise<DefineVerb>;
}

/** Adds the arguments, flags and action of a verb to its command. */
export type DefineVerb = (command: Command, context: CliContext) => void;

/** In the order in which `sluice --help` lists them. */
export const VERBS: Readonly<Record<string, Verb>> = {
  check: {
    description: 'the problems of a strategy, and what becomes of every sentence in it',
    load: async () => (await import('./verbs/check.js')).check,
  },
  plan: {
    description: 'what will happen, in order, and the way back',
    load: async () => (await import('./verbs/plan.js')).plan,
  },
  run: {
    description: 'start a run of a strategy, carry it out here, and follow it',
    load: async () => (await import('./verbs/run.js')).run,
  },
  status: {
    description: 'the state of a run, what it waits for, and the way back',
    load: async () => (await import('./verbs/status.js')).status,
  },
  list: {
    description: 'the runs, newest first',
    load: async () => (await import('./verbs/list.js')).list,
  },
  inbox: {
    description: 'the open decisions of all runs',
    load: async () => (await import('./verbs/inbox.js')).inbox,
  },
  approve: {
    description: 'vote yes on an approval',
    load: async () => (await import('./verbs/approve.js')).approve,
  },
  reject: {
    description: 'vote no on an approval',
    load: async () => (await import('./verbs/reject.js')).reject,
  },
  decide: {
    description: 'answer an open decision',
    load: async () => (await import('./verbs/decide.js')).decide,
  },
  pause: {
    description: 'hold a run before its next action',
    load: async () => (await import('./verbs/pause.js')).pause,
  },
  resume: {
    description: 'let a paused run go on',
    load: async () => (await import('./verbs/resume.js')).resume,
  },
  abort: {
    description: 'stop a run here, and keep what it applied',
    load: async () => (await import('./verbs/abort.js')).abort,
  },
  rollback: {
    description: 'take back what a run applied',
    load: async () => (await import('./verbs/rollback.js')).rollback,
  },
  events: {
    description: 'the record of a run, one line per event',
    load: async () => (await import('./verbs/events.js')).events,
  },
  logs: {
    description: 'what the commands of a step printed',
    load: async () => (await import('./verbs/logs.js')).logs,
  },
  up: {
    description: 'host the engine and a worker here, and continue every unfinished run, until Ctrl-C',
    load: async () => (await import('./verbs/up.js')).up,
  },
  worker: {
    description:
      'host a worker only, against a configured cluster or an engine that runs already, until Ctrl-C',
    load: async () => (await import('./verbs/worker.js')).worker,
  },
};
