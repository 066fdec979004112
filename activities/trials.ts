/** The activities of a worker that carries out trials: each run sees the variables of its own copy, and has its own faults. */
import { ApplicationFailure } from '@temporalio/activity';
import type { Activities, EffectJob } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { type Fault, runFaultyEffect } from './faults.js';
import { createActivities } from './index.js';

export interface Trial {
  /** In place of the worker's own variables. */
  readonly env: Dependencies['env'];
  /** What goes wrong in this effect; null when nothing does. */
  readonly faultOf: (job: EffectJob) => Fault | null;
}

/**
 * Like `createActivities`, for runs that are trials. An effect or probe of another run is refused, so that nothing ever
 * reaches what the variables of this process lead to. Nobody is notified of a trial, and its record is not archived.
 */
export function createTrialActivities(
  dependencies: Dependencies,
  trialOf: (run: string) => Trial | undefined,
): Activities {
  const trial = (run: string): Trial => {
    const found = trialOf(run);
    if (found === undefined)
      throw ApplicationFailure.nonRetryable(`The run "${run}" is not a trial.`, 'NotATrial');
    return found;
  };
  const within = (run: string): Dependencies => ({ ...dependencies, env: trial(run).env });
  const activitiesOf = (run: string): Activities => createActivities(within(run));
  const { checkWindow, claimLock, findHost, loadSteps, untilRunEnds, verifySignature, writeRecord } =
    createActivities(dependencies);
  return {
    runEffect: async (job) => {
      const { run } = job.context;
      const fault = trial(run).faultOf(job);
      return fault === null ? activitiesOf(run).runEffect(job) : runFaultyEffect(within(run), job, fault);
    },
    evaluate: async (job) => activitiesOf(job.context.run).evaluate(job),
    measureBaselines: async (job) => activitiesOf(job.context.run).measureBaselines(job),
    watchMetrics: async (job) => activitiesOf(job.context.run).watchMetrics(job),
    identifyDatabase: async (job) => activitiesOf(job.context.run).identifyDatabase(job),
    throttleRows: async (job) => activitiesOf(job.context.run).throttleRows(job),
    deliverNotice: async () => undefined,
    archiveRecord: async () => undefined,
    // These touch sluice's own files and clock only, or nothing.
    checkWindow,
    claimLock,
    findHost,
    loadSteps,
    untilRunEnds,
    verifySignature,
    writeRecord,
  };
}
