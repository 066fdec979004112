/** A host whose workers the test makes by itself: it can be short of hands, or slow to leave. */
import { readFileSync } from 'node:fs';
import { NativeConnection, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import type { Activities } from '../../activities/contract.js';
import { createActivities } from '../../activities/index.js';
import { hostQueue, livenessQueue } from '../../strategy/task-queues.js';
import { BUNDLE } from '../../worker/bundle.js';
import type { World } from './world.js';

export interface HostSketch {
  readonly name: string;
  /** How many things it can do at a time. */
  readonly hands: number;
  /** Activities that behave otherwise than the real ones. */
  readonly otherwise?: (real: Activities) => Partial<Activities>;
}

/**
 * Works for the world until the answer is called. A real worker must have been started in this process before: the first
 * one sets the SDK's runtime up.
 */
export async function startHost(
  address: string,
  world: World,
  { name, hands, otherwise = () => ({}) }: HostSketch,
): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address });
  const queue = hostQueue(world.taskQueue, name);
  const real = createActivities({
    home: world.home,
    env: process.env,
    logger: pino({ level: 'silent' }),
    hostQueue: { host: name, taskQueue: queue },
  });
  const activities = { ...real, ...otherwise(real) };
  const workflowBundle = { code: readFileSync(BUNDLE, 'utf8') };
  const common = { connection, maxHeartbeatThrottleInterval: '1s' };
  const workers = await Promise.all([
    Worker.create({ ...common, taskQueue: world.taskQueue, workflowBundle, activities }),
    Worker.create({ ...common, taskQueue: queue, activities, maxConcurrentActivityTaskExecutions: hands }),
    Worker.create({ ...common, taskQueue: livenessQueue(queue), activities: { findHost: real.findHost } }),
  ]);
  const running = workers.map((worker) => worker.run());
  let stopped: Promise<void> | null = null;
  return () => {
    stopped ??= (async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await connection.close();
    })();
    return stopped;
  };
}
