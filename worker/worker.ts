/**
 * The worker: carries out workflows and activities. It polls three task queues over one connection: the shared one;
 * one that reaches just this host, for what needs the workspace or a job folder on its disk; and one on which the host
 * says that it is there, however busy it is.
 */
import { readFileSync } from 'node:fs';
import {
  NativeConnection,
  type NativeConnectionOptions,
  Runtime,
  type TelemetryOptions,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import type { Logger } from 'pino';
import {
  type Activities,
  createActivities,
  type Dependencies,
  dismissSupervisor,
} from '../activities/index.js';
import { TASK_QUEUE } from '../strategy/layout.js';
import { STEP_SECONDS } from '../strategy/run/measurements.js';
import { hostQueue, livenessQueue } from '../strategy/task-queues.js';
import { isTraced } from '../strategy/tracing.js';
import { BUNDLE } from './bundle.js';
import { hasCode } from './files.js';
import { hostId } from './host.js';
import { jsonLogger, type Log, sdkLogger } from './log.js';

export interface WorkerSettings {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** Address, TLS and API key of the engine. */
  readonly connection: NativeConnectionOptions;
  readonly namespace: string;
  /** By default SLUICE_TASK_QUEUE, else `sluice`. */
  readonly taskQueue?: string | undefined;
  /** How its activities are made; by default as for any run. */
  readonly activities?: (dependencies: Dependencies) => Activities;
}

export interface RunningWorker {
  readonly host: string;
  readonly taskQueue: string;
  /** Settles when the worker has stopped; rejects when it fails. */
  readonly run: Promise<void>;
  /** Finishes current activities, then stops. Commands continue under their supervisor, which ends after them. May be called twice. */
  shutdown(): Promise<void>;
}

/** The worker cannot start; the message says why and what to do. */
export class WorkerFailed extends Error {
  override readonly name = 'WorkerFailed';
}

/** What is at hand may take this long to end at a shutdown; then it is cancelled and repeated by the next worker. */
const GRACE = '5s';
const FORCE = '15s';
/** A cancellation reaches an activity with the reply to a heartbeat: the SDK's default of 30 s would be felt. */
const HEARTBEAT_THROTTLE = '1s';
const ACTIVITIES = 200;
/** Answers at once, so that a few at a time are enough. */
const LIVENESS_ACTIVITIES = 5;

/**
 * How long workflow code may take at a stretch. The SDK's 5 s (an option that its types leave out) is too little when
 * thousands of signals have gathered, at up to 1 ms each, on a busy machine; and when it runs out, Node itself gives
 * up ("async hook stack has become corrupted") and takes the worker with it, and then the next worker.
 */
const STRETCH = { isolateExecutionTimeout: '2m' };

/** How a worker works, whatever it works on. */
export const WORKER_TUNING = {
  ...STRETCH,
  shutdownGraceTime: GRACE,
  shutdownForceTime: FORCE,
  maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
  defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
  maxConcurrentActivityTaskExecutions: ACTIVITIES,
} as const satisfies Partial<WorkerOptions>;

/** Connects and starts polling. @throws WorkerFailed */
export async function startWorker(settings: WorkerSettings): Promise<RunningWorker> {
  const { home, env, log, namespace } = settings;
  const base = settings.taskQueue ?? (env.SLUICE_TASK_QUEUE || TASK_QUEUE);
  const host = hostId(home);
  const queueOfHost = hostQueue(base, host);
  const code = readBundle();
  const logger = jsonLogger(env);
  installRuntime(logger, env);
  const connection = await connect(settings);
  try {
    const create = settings.activities ?? createActivities;
    const activities = create({ home, env, logger, hostQueue: { host, taskQueue: queueOfHost } });
    const common: WorkerOptions = {
      connection,
      namespace,
      taskQueue: base,
      identity: `sluice ${process.pid}@${host}`,
      activities: { ...activities },
      ...WORKER_TUNING,
      ...versioning(env),
      ...(await traced(env)),
    };
    const workers = await Promise.all([
      Worker.create({ ...common, workflowBundle: { code } }),
      Worker.create({ ...common, taskQueue: queueOfHost }),
      Worker.create({
        ...common,
        taskQueue: livenessQueue(queueOfHost),
        activities: { findHost: activities.findHost },
        maxConcurrentActivityTaskExecutions: LIVENESS_ACTIVITIES,
      }),
    ]);
    return run(connection, workers, { home, host, taskQueue: base, log });
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function run(
  connection: NativeConnection,
  workers: readonly Worker[],
  { home, host, taskQueue, log }: { home: string; host: string; taskQueue: string; log: Log },
): RunningWorker {
  const stop = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  // When one fails, the other stops too: half a worker would leave runs waiting without a word.
  const ends = workers.map((worker) => worker.run().finally(stop));
  const ended = Promise.all(ends).then(
    () => connection.close(),
    async (error: unknown) => {
      await Promise.allSettled(ends);
      await connection.close();
      log(`the worker has stopped: ${String(error)}`);
      throw error;
    },
  );
  // The caller may look only later; what went wrong is still told through `run`.
  ended.catch(() => undefined);
  return {
    host,
    taskQueue,
    run: ended,
    async shutdown() {
      stop();
      await ended;
      dismissSupervisor(home);
    },
  };
}

async function connect({ connection }: WorkerSettings): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(connection);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new WorkerFailed(
      `The worker cannot reach the Temporal server at ${connection.address ?? 'localhost:7233'}: ${why}. ` +
        'Check that the server runs, and the address, TLS and API key of its configuration (TEMPORAL_ADDRESS, TEMPORAL_PROFILE, ...).',
      { cause: error },
    );
  }
}

function readBundle(): string {
  try {
    return readFileSync(BUNDLE, 'utf8');
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    throw new WorkerFailed(`The workflow bundle ${BUNDLE} is missing. Build it: npm run build.`, {
      cause: error,
    });
  }
}

/** With both names set, a run stays on the build that began it until that build is retired. */
function versioning(env: WorkerSettings['env']): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  const { SLUICE_DEPLOYMENT: deploymentName, SLUICE_BUILD: buildId } = env;
  if (!deploymentName || !buildId) return {};
  return {
    workerDeploymentOptions: {
      version: { deploymentName, buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    },
  };
}

/** Spans of the activities, for the provider of the process; loaded only where traces are wanted. */
async function traced(env: WorkerSettings['env']): Promise<Pick<WorkerOptions, 'interceptors'>> {
  if (!isTraced(env)) return {};
  const tracing = await import('@temporalio/interceptors-opentelemetry/lib/worker/index.js');
  return {
    interceptors: {
      activity: [
        (context) => ({
          inbound: new tracing.OpenTelemetryActivityInboundInterceptor(context),
          outbound: new tracing.OpenTelemetryActivityOutboundInterceptor(context),
        }),
      ],
    },
  };
}

/** The SDK's own metrics and those of the runs, where SLUICE_METRICS_ADDRESS says where to serve them. @throws WorkerFailed */
function workerMetrics(env: WorkerSettings['env']): Pick<TelemetryOptions, 'metrics'> {
  const bindAddress = env.SLUICE_METRICS_ADDRESS;
  if (!bindAddress) return {};
  if (!/^(\d{1,3}(\.\d{1,3}){3}|\[[\da-f:]+\]):\d{1,5}$/i.test(bindAddress)) {
    throw new WorkerFailed(
      `SLUICE_METRICS_ADDRESS is an IP address and a port, such as 127.0.0.1:9464, and not "${bindAddress}".`,
    );
  }
  const prometheus = {
    bindAddress,
    countersTotalSuffix: true,
    unitSuffix: true,
    useSecondsForDurations: true,
    histogramBucketOverrides: { [STEP_SECONDS]: STEP_BUCKETS },
  };
  return { metrics: { prometheus } };
}

/** A second, a minute, an hour, a day: steps take from one to the other. */
const STEP_BUCKETS = [1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400, 604_800];

let installed = false;

/** The SDK has one runtime per process. Signals are the command line's business: the engine must outlive the worker. */
function installRuntime(logger: Logger, env: WorkerSettings['env']): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    logger: sdkLogger(logger),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...workerMetrics(env),
    },
  });
}
