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
  init: {
    description: 'write a new strategy, its bindings and scripts to fill in',
    load: async () => (await import('./verbs/init.js')).init,
  },
  check: {
    description: 'report the problems of a strategy, and how each sentence is carried out',
    load: async () => (await import('./verbs/check.js')).check,
  },
  fmt: {
    description: 'lay out strategies and bindings, with every comment kept',
    load: async () => (await import('./verbs/fmt.js')).fmt,
  },
  schema: {
    description: 'print the JSON Schema of strategies or bindings, for editors',
    load: async () => (await import('./verbs/schema.js')).schema,
  },
  plan: {
    description: 'show what a run does, in order, and the way back',
    load: async () => (await import('./verbs/plan.js')).plan,
  },
  rehearse: {
    description: 'prove that the rollback works: a trial of the plan for every way in which it can fail',
    load: async () => (await import('./verbs/rehearse.js')).rehearse,
  },
  reconcile: {
    description: 'compare both sides of a data migration, row by row, and correct the target on demand',
    load: async () => (await import('./verbs/reconcile.js')).reconcile,
  },
  run: {
    description: 'start a run of a strategy, carry it out here, and follow it',
    load: async () => (await import('./verbs/run.js')).run,
  },
  status: {
    description: 'show the state of a run, what it waits for, and the way back',
    load: async () => (await import('./verbs/status.js')).status,
  },
  list: {
    description: 'list runs, newest first',
    load: async () => (await import('./verbs/list.js')).list,
  },
  inbox: {
    description: 'list the open decisions of all runs',
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
  claim: {
    description: 'say that you are on an open decision, so that nobody else starts on it',
    load: async () => (await import('./verbs/claim.js')).claim,
  },
  release: {
    description: 'say that you are no longer on a decision',
    load: async () => (await import('./verbs/release.js')).release,
  },
  pause: {
    description: 'pause a run before its next action',
    load: async () => (await import('./verbs/pause.js')).pause,
  },
  resume: {
    description: 'continue a paused run',
    load: async () => (await import('./verbs/resume.js')).resume,
  },
  abort: {
    description: 'stop a run, and keep what it applied',
    load: async () => (await import('./verbs/abort.js')).abort,
  },
  rollback: {
    description: 'undo what a run applied',
    load: async () => (await import('./verbs/rollback.js')).rollback,
  },
  throttle: {
    description: 'limit the rows per second of a step while it runs',
    load: async () => (await import('./verbs/throttle.js')).throttle,
  },
  amend: {
    description: 'let a waiting or paused run continue with a corrected strategy',
    load: async () => (await import('./verbs/amend.js')).amend,
  },
  events: {
    description: 'print the record of a run, one line per event',
    load: async () => (await import('./verbs/events.js')).events,
  },
  logs: {
    description: 'print the output of a step',
    load: async () => (await import('./verbs/logs.js')).logs,
  },
  report: {
    description: 'print the report of a run: what was done, decided and undone, when and on which evidence',
    load: async () => (await import('./verbs/report.js')).report,
  },
  export: {
    description: 'fill what happened in a run into its strategy: statuses, dates, milestones, rollback tests',
    load: async () => (await import('./verbs/export.js')).exportVerb,
  },
  verify: {
    description: 'find what was changed in a record: altered, missing, moved or added lines, foreign keys',
    load: async () => (await import('./verbs/verify.js')).verify,
  },
  up: {
    description:
      'host the engine, a worker and the dashboard until Ctrl-C, and continue every unfinished run',
    load: async () => (await import('./verbs/up.js')).up,
  },
  web: {
    description: 'host the dashboard only, for a running engine or a configured cluster, until Ctrl-C',
    load: async () => (await import('./verbs/web.js')).web,
  },
  worker: {
    description: 'host a worker only, for a configured cluster or a running engine, until Ctrl-C',
    load: async () => (await import('./verbs/worker.js')).worker,
  },
  key: {
    description: 'make, add or list the keys that sign votes',
    load: async () => (await import('./verbs/key.js')).key,
  },
  completion: {
    description: 'print the completion script of a shell',
    load: async () => (await import('./verbs/completion.js')).completion,
  },
};
