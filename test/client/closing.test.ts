/** What is still under way when a client is closed ends with it, and does not end the program. */
import { Connection, defaultGrpcRetryOptions } from '@temporalio/client';
import { expect, inject, test } from 'vitest';
import { connect } from '../../client/index.js';
import { retries } from '../../client/retries.js';
import { openWire } from '../chaos/wire.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld } from '../support/world.js';

test('a request that was to be tried again is given up', async () => {
  const port = Number(inject('engine').split(':')[1]);
  const wire = await openWire(() => port);
  const options = defaultGrpcRetryOptions();
  let failures = 0;
  const connection = await Connection.connect({
    address: wire.address,
    interceptors: [
      retries({
        ...options,
        retryableDecider: (attempt, status) => {
          failures += 1;
          return options.retryableDecider(attempt, status);
        },
      }),
    ],
  });
  await wire.close();
  const before = failures;
  const told = expect(connection.workflowService.getSystemInfo({})).rejects.toThrow(/shut down/);
  await expect.poll(() => failures).toBeGreaterThan(before);
  await connection.close();
  await told;
});

test('a run on another task queue is asked there, and its missing worker is missed there', async () => {
  const world = await openWorld(inject('engine'));
  const sluice = await connect({ address: inject('engine'), taskQueue: 'another', env: {} });
  try {
    const asking = gate('G', { approval_required: true, approvers: ['Lead'] });
    const run = await world.start(strategy([phase('P', 1, [step('A', 1)], asking)]));
    await run.asked('approval:G');
    expect(await sluice.view(run.id)).toMatchObject({ status: 'waiting' });
    await world.stopWorker();
    await expect(sluice.view(run.id)).rejects.toMatchObject({
      code: 'no-worker',
      message: expect.stringContaining(`"${world.taskQueue}"`),
    });
  } finally {
    await sluice.close();
    await world.close();
  }
});
