/** What `run`, `up` and `worker` host in this process: the engine where none is configured, a worker, a client. */
import { connect } from '../client/connect.js';
import { resolveEngine } from '../client/engine.js';
import type { Sluice } from '../client/sluice.js';
import { homeFolder } from '../strategy/layout.js';
import { ensureEngine } from '../worker/engine.js';
import { type RunningWorker, startWorker } from '../worker/worker.js';
import type { Terminal } from './terminal.js';

export interface HostedWorker {
  readonly client: Sluice;
  readonly worker: RunningWorker;
  /** True when this home's own engine is used, not a configured cluster. */
  readonly embedded: boolean;
  /** The URL of Temporal's own web page; null when it is not known. */
  readonly engineUi: string | null;
  /** Tells other processes of this home where the dashboard is; null: nowhere any more. */
  announce(dashboard: string | null): Promise<void>;
  /** Stops the worker, and the engine when nobody else uses it. Nothing of a run is lost by that. */
  close(): Promise<void>;
}

interface Engine {
  readonly address: string;
  readonly webUi: string | null;
  announce(dashboard: string | null): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Hosts the worker: a configured cluster is used as it is, else the embedded engine is found or started.
 * @throws SluiceError, EngineUnavailable or WorkerFailed; nothing is left running then.
 */
export async function hostWorker(terminal: Terminal): Promise<HostedWorker> {
  const { env } = terminal;
  const home = homeFolder(env);
  const log = (line: string): void => terminal.note(`sluice: ${line}`);
  const choice = resolveEngine(env);
  const embedded = choice.kind === 'embedded';
  const engine: Engine | null = embedded ? await ensureEngine({ home, env, log }) : null;
  const announce = async (dashboard: string | null): Promise<void> => engine?.announce(dashboard);
  const opened: (() => Promise<void>)[] = engine === null ? [] : [() => engine.stop()];
  const close = async (): Promise<void> => {
    for (const undo of opened.splice(0).reverse()) await undo();
  };
  try {
    const client = await connect({ env });
    opened.push(() => client.close());
    const connection = choice.kind === 'configured' ? choice.connection : { address: client.address };
    const worker = await startWorker({ home, env, log, connection, namespace: client.namespace });
    opened.push(() => worker.shutdown());
    return { client, worker, embedded, engineUi: engine?.webUi ?? null, announce, close };
  } catch (error) {
    await close();
    throw error;
  }
}
