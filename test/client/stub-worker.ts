/**
 * A worker with the real workflows and activities that only say yes, for tests of the client: what is asked and
 * answered matters here, not what a command does.
 */
import { readFileSync } from 'node:fs';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Activities } from '../../activities/contract.js';
import { planFile } from '../../strategy/layout.js';
import { BUNDLE } from '../../worker/bundle.js';

export interface StubWorker {
  stop(): Promise<void>;
}

/** @param more activities that do something else than to say yes */
export async function startStubWorker(
  address: string,
  taskQueue: string,
  home: string,
  more: Partial<Activities> = {},
): Promise<StubWorker> {
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { code: readFileSync(BUNDLE, 'utf8') },
    activities: { ...yesToAll(taskQueue, home), ...more },
  });
  const ended = worker.run();
  return {
    async stop() {
      worker.shutdown();
      await ended;
      await connection.close();
    },
  };
}

function yesToAll(taskQueue: string, home: string): Activities {
  const done = { outcome: 'done', exitCode: 0, durationMs: 1, output: '' } as const;
  return {
    runEffect: async () => done,
    measureBaselines: async () => ({}),
    evaluate: async ({ requirements }) =>
      requirements.map(({ text, probe }) => ({ text, how: probe.how, verdict: 'pass', evidence: 'yes' })),
    watchMetrics: async ({ state }) => ({ ended: 'soaked', fired: null, alerts: [], results: [], state }),
    checkWindow: async () => ({ open: true, closesAt: null }),
    archiveRecord: async () => undefined,
    writeRecord: async () => {
      throw ApplicationFailure.nonRetryable('this worker writes no record');
    },
    loadSteps: async ({ plan, phase, from, count }) =>
      JSON.parse(readFileSync(planFile(home, plan), 'utf8')).phases[phase].steps.slice(from, from + count),
    identifyDatabase: async () => ({ database: { system: 'system 1', oid: '1', name: 'shop' } }),
    throttleRows: async () => ({ tables: [] }),
    deliverNotice: async () => undefined,
    verifySignature: async () => ({ why: 'no signatures here' }),
    claimLock: async () => undefined,
    untilRunEnds: async () => undefined,
    findHost: async () => ({ host: 'stub', taskQueue }),
  };
}
