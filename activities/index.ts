/** Everything that touches the world, at one door. One file per kind of effect. */
import type { Clients } from './clients.js';
import { runCommand } from './command.js';
import type { Activities } from './contract.js';
import { evaluate } from './evaluate.js';
import { findHost } from './host.js';
import { loadSteps } from './plan-store.js';
import { writeRecord } from './record.js';
import { runSql } from './sql.js';
import { watchMetrics } from './watch.js';
import { checkWindow } from './window.js';

export type { Clients, Limits } from './clients.js';
export type { Activities } from './contract.js';

/** The activities of one worker. */
export function createActivities(clients: Clients): Activities {
  return {
    runCommand: (job) => runCommand(clients, job),
    runSql: (job) => runSql(clients, job),
    evaluate: (job) => evaluate(clients, job),
    watchMetrics: (job) => watchMetrics(clients, job),
    checkWindow,
    writeRecord: (job) => writeRecord(clients, job),
    loadSteps: (job) => loadSteps(clients, job),
    findHost: () => findHost(clients),
  };
}
