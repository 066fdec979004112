/** A worker whose effects do nothing, so that a run of very many steps costs what the workflow costs. */
import { readFileSync } from 'node:fs';
import { NativeConnection, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import type { EffectOutcome } from '../../activities/contract.js';
import { createActivities } from '../../activities/index.js';
import { BUNDLE } from '../../worker/bundle.js';
import type { World } from './world.js';

/** Works for the world until the answer is called. `output`: what every effect prints. */
export async function startIdleWorker(
  address: string,
  world: World,
  output: string,
): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address });
  const hostQueue = `${world.taskQueue}@idle`;
  const done = async (): Promise<EffectOutcome> => ({ outcome: 'done', exitCode: 0, durationMs: 1, output });
  const activities = {
    ...createActivities({
      home: world.home,
      env: process.env,
      logger: pino({ level: 'silent' }),
      hostQueue: { host: 'idle', taskQueue: hostQueue },
    }),
    runEffect: done,
  };
  const common = { connection, namespace: 'default', activities };
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue: world.taskQueue,
      workflowBundle: { code: readFileSync(BUNDLE, 'utf8') },
    }),
    Worker.create({ ...common, taskQueue: hostQueue }),
  ]);
  const running = workers.map((worker) => worker.run());
  return async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
    await connection.close();
  };
}
