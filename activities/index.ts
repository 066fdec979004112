/** Everything that touches the outside world, in one place. Each kind of effect and of probe has a module of its own. */
import { windowState } from '../strategy/calendar/state.js';

import { archiveRecord } from './archive/archive.js';
import type { Activities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { runEffect } from './effects/index.js';
import { throttleRows } from './effects/rows/throttle.js';
import { identifyDatabase } from './identify-database.js';
import { claimLock, untilRunEnds } from './locks.js';
import { deliverNotice } from './notices/deliver.js';
import { Pace } from './notices/pace.js';
import { loadSteps } from './plan-store.js';
import { measureBaselines } from './probes/baselines.js';
import { evaluate } from './probes/evaluate.js';
import { watchMetrics } from './probes/watch.js';
import { writeRecord } from './record.js';
import { verifySignature } from './verify-signature.js';

export type { Activities } from './contract.js';
export type { Dependencies, Limits } from './dependencies.js';
export { dismissSupervisor } from './effects/command/supervisor-client.js';

/** The activities of one worker. */
export function createActivities(dependencies: Dependencies): Activities {
  const pace = new Pace();
  return {
    runEffect: (job) => runEffect(dependencies, job),
    evaluate: (job) => evaluate(dependencies, job),
    measureBaselines: (job) => measureBaselines(dependencies, job),
    watchMetrics: (job) => watchMetrics(dependencies, job),
    // By this host's clock.
    checkWindow: async (job) => windowState(new Date(), job.windows, job.freezes),
    writeRecord: (job) => writeRecord(dependencies, job),
    archiveRecord: (job) => archiveRecord(dependencies, job),
    loadSteps: (job) => loadSteps(dependencies, job),
    // A run's commands are pinned to the host that holds its job folders.
    findHost: async () => dependencies.hostQueue,
    deliverNotice: (job) => deliverNotice(dependencies, job, pace),
    verifySignature,
    claimLock,
    untilRunEnds,
    throttleRows: (job) => throttleRows(dependencies, job),
    identifyDatabase: (job) => identifyDatabase(dependencies, job),
  };
}
