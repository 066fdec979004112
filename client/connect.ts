/** The door: finds the engine, connects, and hands out a `Sluice`. */

import type { ClientOptions, Connection as EngineClientConnection } from '@temporalio/client';
import { homeFolder, TASK_QUEUE } from '../strategy/layout.js';
import { isTraced } from '../strategy/tracing.js';
import {
  DEFAULT_NAMESPACE,
  type EngineConnection,
  type Environment,
  embeddedEngine,
  resolveEngine,
} from './engine.js';
import { SluiceError } from './error.js';
import { retries } from './retries.js';
import { Sluice } from './sluice.js';
import { Client, Connection } from './temporal.js';

export interface ConnectOptions {
  /** `host:port`; by default Temporal's standard configuration, then the embedded engine of the home folder. */
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  /** The folder of sluice's own files; by default SLUICE_HOME, else the XDG state folder. */
  readonly home?: string | undefined;
  /** By default SLUICE_TASK_QUEUE, else `sluice`. */
  readonly taskQueue?: string | undefined;
  /** By default `process.env`. */
  readonly env?: Environment | undefined;
}

const CONNECT_MS = 5_000;

/** Connects to the engine. Close what it returns. @throws SluiceError `no-engine` */
export async function connect(options: ConnectOptions = {}): Promise<Sluice> {
  const env = options.env ?? process.env;
  const home = options.home ?? homeFolder(env);
  const { connection: target, namespace, advice } = findEngine(options, env, home);
  const connection = await open(target, advice);
  const client = new Client({ connection, namespace, ...(await traced(env)) });
  const taskQueue = options.taskQueue ?? (env.SLUICE_TASK_QUEUE || TASK_QUEUE);
  return new Sluice({ client, address: target.address, namespace, home, taskQueue });
}

interface Target {
  readonly connection: EngineConnection;
  readonly namespace: string;
  /** What to do when nobody answers there. */
  readonly advice: string;
}

function findEngine(options: ConnectOptions, env: Environment, home: string): Target {
  const choice = resolveEngine(env);
  const configured = choice.kind === 'configured' ? choice : null;
  const namespace = options.namespace ?? configured?.namespace ?? DEFAULT_NAMESPACE;
  if (options.address !== undefined) {
    const connection = { ...configured?.connection, address: options.address };
    return { connection, namespace, advice: 'Check the address, and that the server is running.' };
  }
  if (configured !== null) {
    return {
      connection: configured.connection,
      namespace,
      advice:
        'Check that the cluster is up, and that TEMPORAL_ADDRESS or the profile, TLS and the API key are correct. Unset them to use the embedded engine.',
    };
  }
  const engine = embeddedEngine(home);
  if (engine === null) {
    throw new SluiceError(
      'no-engine',
      `No engine is running for ${home}, and no Temporal cluster is configured.`,
      'Start one: sluice up. Or name a cluster with TEMPORAL_ADDRESS.',
    );
  }
  return {
    connection: { address: engine.address },
    namespace,
    advice: 'It may have been killed. Start it again: sluice up.',
  };
}

async function open(target: EngineConnection, advice: string): Promise<EngineClientConnection> {
  try {
    return await Connection.connect({ ...target, connectTimeout: CONNECT_MS, interceptors: [retries()] });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SluiceError('no-engine', `No engine answers at ${target.address}: ${why}.`, advice, error);
  }
}

/** Spans of what this client asks of the engine, for the provider of the process; loaded only where traces are wanted. */
async function traced(env: Environment): Promise<Pick<ClientOptions, 'interceptors'>> {
  if (!isTraced(env)) return {};
  const tracing = await import('@temporalio/interceptors-opentelemetry/lib/client/index.js');
  return { interceptors: { workflow: [new tracing.OpenTelemetryWorkflowClientInterceptor()] } };
}
