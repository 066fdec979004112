/** Every history that the runs left must lead the workflow code the same way again: else a run stands still after a kill. */
import { readFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { BUNDLE } from '../../worker/bundle.js';

export interface Replayed {
  readonly count: number;
  /** Whatever is wrong, in words. */
  readonly wrong: readonly string[];
}

/** Replays all histories of the engine, those that were cut as well. */
export async function replayAll(client: Client): Promise<Replayed> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const workflowBundle = { code: readFileSync(BUNDLE, 'utf8') };
  const wrong: string[] = [];
  let count = 0;
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle },
    histories(client),
  )) {
    count += 1;
    if (error !== undefined) wrong.push(`${workflowId} does not replay: ${error.message}`);
  }
  return { count, wrong };
}

async function* histories(client: Client) {
  for await (const { workflowId, runId } of client.workflow.list()) {
    yield { workflowId, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() };
  }
}
