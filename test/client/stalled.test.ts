/** A run that stands still because its code fails is told as that, never as a missing worker. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { expect, inject, test } from 'vitest';
import { connect } from '../../client/index.js';

const WORKFLOW = fileURLToPath(new URL('broken-workflow.ts', import.meta.url));
const VOTE = { decision: 'approval:gate', option: 'approve', by: 'alice' } as const;

test('a run whose workflow code fails again and again says so, with the reason, and takes no votes', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const address = inject('engine');
  const taskQueue = `stalled-${randomUUID()}`;
  const run = `run-${randomUUID()}`;
  const native = await NativeConnection.connect({ address });
  const worker = await Worker.create({ connection: native, taskQueue, workflowsPath: WORKFLOW });
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const sluice = await connect({ address, taskQueue, env: {} });
  try {
    await worker.runUntil(async () => {
      // The attempts after the first are not reported but left to time out: a short task makes them pass quickly.
      const options = { workflowId: run, taskQueue, args: [], workflowTaskTimeout: '1s' };
      const handle = await client.workflow.start('migration', options);
      const attempt = async () => (await handle.describe()).raw.pendingWorkflowTask?.attempt ?? 0;
      await expect.poll(attempt, { timeout: 40_000, interval: 200 }).toBeGreaterThanOrEqual(3);
      const told = {
        code: 'stalled',
        message: expect.stringMatching(/stands still: in \d+ attempts since .* does not fit the history/),
        advice: expect.stringContaining('put the earlier one back'),
      };
      await expect(sluice.view(run)).rejects.toMatchObject(told);
      await expect(sluice.decide(run, VOTE)).rejects.toMatchObject(told);
      const listed = (await sluice.list()).find((found) => found.run === run);
      expect(listed?.reason).toMatch(/stands still/);
      await handle.terminate('over');
    });
  } finally {
    await sluice.close();
    await connection.close();
    await native.close();
  }
});
