/** A run that is stuck because its code fails is reported as that, never as a missing worker. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { withWorkflows } from '../support/temporal.js';

const WORKFLOW = fileURLToPath(new URL('broken-workflow.ts', import.meta.url));
const VOTE = { decision: 'approval:gate', option: 'approve', by: 'alice' } as const;

test('a run whose workflow code fails again and again says so, with the reason, and takes no votes', () =>
  withWorkflows(WORKFLOW, 'ERROR', async ({ client, sluice, taskQueue, run }) => {
    // The attempts after the first are not reported but left to time out: a short task makes them pass quickly. It is
    // long enough for the first to be reported on a busy machine.
    const options = { workflowId: run, taskQueue, args: [], workflowTaskTimeout: '5s' };
    const handle = await client.workflow.start('migration', options);
    const attempt = async () => (await handle.describe()).raw.pendingWorkflowTask?.attempt ?? 0;
    await expect.poll(attempt, { interval: 200 }).toBeGreaterThanOrEqual(3);
    const told = {
      code: 'stalled',
      message: expect.stringMatching(
        /is stuck: its workflow task failed in \d+ attempts since .* does not fit the history/,
      ),
      advice: expect.stringContaining('go back to the earlier version'),
    };
    await expect(sluice.view(run)).rejects.toMatchObject(told);
    await expect(sluice.decide(run, VOTE)).rejects.toMatchObject(told);
    await handle.terminate('over');
  }));
