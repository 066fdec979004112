/** Temporal itself, as any program of another kind would use it: a client, and workers for other workflow code than sluice's. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import { connect, type Sluice } from '../../client/index.js';

export interface Foreign {
  readonly client: Client;
  readonly sluice: Sluice;
  readonly taskQueue: string;
  /** An id for a run. */
  readonly run: string;
}

/** Carries out `work` while a worker serves the workflows of one file, on a task queue of its own. */
export async function withWorkflows(
  file: string,
  level: 'WARN' | 'ERROR',
  work: (foreign: Foreign) => Promise<void>,
): Promise<void> {
  Runtime.install({ logger: new DefaultLogger(level) });
  const address = inject('engine');
  const taskQueue = `foreign-${randomUUID()}`;
  const native = await NativeConnection.connect({ address });
  const worker = await Worker.create({ connection: native, taskQueue, workflowsPath: file });
  const { client, connection } = await openClient();
  const sluice = await connect({ address, taskQueue, env: {} });
  try {
    await worker.runUntil(() => work({ client, sluice, taskQueue, run: `run-${randomUUID()}` }));
  } finally {
    await sluice.close();
    await connection.close();
    await native.close();
  }
}

/** A client of the tests' engine; its connection is the caller's to close. */
export async function openClient(): Promise<{ readonly client: Client; readonly connection: Connection }> {
  const connection = await Connection.connect({ address: inject('engine') });
  return { client: new Client({ connection }), connection };
}
