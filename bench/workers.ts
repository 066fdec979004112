/**
 * The workers of a benchmark, alike in everything but their workflows and activities: sluice's own, with its real
 * workflows and with actions that do nothing, and a bare one. Each has a queue for the host beside the shared one.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { execa } from 'execa';
import type { EffectOutcome } from '../activities/contract.js';
import { createActivities, dismissSupervisor } from '../activities/index.js';
import { BUNDLE } from '../worker/bundle.js';
import { jsonLogger, sdkLogger } from '../worker/log.js';
import { WORKER_TUNING } from '../worker/worker.js';
import type { BareActivities, BareOutcome } from './bare/contract.js';

export type ActionListener = (who: 'bare' | 'sluice', step: string) => void;

export interface BenchWorkers {
  /** The task queue of sluice's runs. */
  readonly sluice: string;
  /** The task queue of the bare workflows, and the one for activities only. */
  readonly bare: string;
  readonly bareHost: string;
  /** Calls `listener` whenever an action begins, until the next listener. */
  listen(listener: ActionListener): void;
  stop(): Promise<void>;
}

const HOST = 'bench-host';
const logger = jsonLogger({ SLUICE_LOG_LEVEL: 'error', ...process.env });
let bareBundle: string | null = null;
let installed = false;

/** `real`: sluice's commands are run, by its own supervisor. Otherwise no action does anything. */
export async function startWorkers(address: string, home: string, real = false): Promise<BenchWorkers> {
  if (!installed) {
    const telemetryOptions = { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } } as const;
    Runtime.install({ logger: sdkLogger(logger), shutdownSignals: [], telemetryOptions });
    installed = true;
  }
  const id = randomUUID();
  const queues = { sluice: `sluice-${id}`, bare: `bare-${id}`, bareHost: `bare-${id}@${HOST}` };
  const sluiceHost = `${queues.sluice}@${HOST}`;
  let onAction: ActionListener = () => {};
  const connection = await NativeConnection.connect({ address });
  const outcome: EffectOutcome & BareOutcome = {
    outcome: 'done',
    exitCode: 0,
    durationMs: 1,
    output: 'service/shop configured\n',
  };
  const bareActivities: BareActivities = {
    async doNothing(job) {
      onAction('bare', job.step);
      return outcome;
    },
    async runShell({ command }) {
      const { exitCode = 1, stdout } = await execa('sh', ['-c', command], { reject: false });
      return { outcome: 'done', exitCode, durationMs: 1, output: stdout };
    },
  };
  /** Nothing connects to the database of the strategies. */
  const anyDatabase = async () => ({ database: { system: 'system 1', oid: '1', name: 'shop' } });
  const nothing = async ({ key }: { readonly key: { readonly subject: string } }) => {
    onAction('sluice', key.subject);
    return outcome;
  };
  const sluiceActivities = {
    ...createActivities({
      home,
      env: process.env,
      logger,
      hostQueue: { host: HOST, taskQueue: sluiceHost },
    }),
    ...(real ? {} : { runEffect: nothing, identifyDatabase: anyDatabase }),
  };
  bareBundle ??= (
    await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('bare/workflows.js', import.meta.url)),
      logger: sdkLogger(logger),
    })
  ).code;
  const sluiceBundle = readFileSync(BUNDLE, 'utf8');
  const common = { connection, namespace: 'default', ...WORKER_TUNING };
  const sluice = { ...common, activities: sluiceActivities };
  const bare = { ...common, activities: { ...bareActivities } };
  const workers = [
    await Worker.create({ ...sluice, taskQueue: queues.sluice, workflowBundle: { code: sluiceBundle } }),
    await Worker.create({ ...sluice, taskQueue: sluiceHost }),
    await Worker.create({ ...bare, taskQueue: queues.bare, workflowBundle: { code: bareBundle } }),
    await Worker.create({ ...bare, taskQueue: queues.bareHost }),
  ];
  const running = workers.map((worker) => worker.run());
  return {
    ...queues,
    listen(listener) {
      onAction = listener;
    },
    async stop() {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      dismissSupervisor(home);
      await connection.close();
    },
  };
}
