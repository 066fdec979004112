/** Everything that touches the world, at one door. One file per kind of effect. */

import type { Activities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { runEffect } from './effects/index.js';
import { findHost } from './host.js';
import { identifyDatabase } from './identify-database.js';
import { loadSteps } from './plan-store.js';
import { measureBaselines } from './probes/baselines.js';
import { evaluate } from './probes/evaluate.js';
import { watchMetrics } from './probes/watch.js';
import { writeRecord } from './record.js';
import { checkWindow } from './window.js';

export type { Activities } from './contract.js';
export type { Dependencies, Limits } from './dependencies.js';
export { dismissSupervisor } from './effects/command/supervisor-client.js';

/** The activities of one worker. */
export function createActivities(dependencies: Dependencies): Activities {
  return {
    runEffect: (job) => runEffect(dependencies, job),
    evaluate: (job) => evaluate(dependencies, job),
    measureBaselines: (job) => measureBaselines(dependencies, job),
    watchMetrics: (job) => watchMetrics(dependencies, job),
    checkWindow,
    writeRecord: (job) => writeRecord(dependencies, job),
    loadSteps: (job) => loadSteps(dependencies, job),
    findHost: () => findHost(dependencies),
    identifyDatabase: (job) => identifyDatabase(dependencies, job),
  };
}
