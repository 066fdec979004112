import type { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openClient } from '../support/temporal.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
  ({ client, connection } = await openClient());
});
afterAll(async () => {
  await world.close();
  await connection.close();
});

const gated = strategy([
  phase('P', 1, [step('A', 1)], gate('G', { approval_required: true, approvers: ['Lead'] })),
]);

it('any Temporal client can approve by signal and read the view by query', async () => {
  const run = await world.start(gated);
  await run.asked('approval:G');
  const handle = client.workflow.getHandle(run.id);
  await handle.signal('approve', { gate: 'G', by: 'Lead' });
  expect(await run.end()).toMatchObject({ status: 'completed' });
  expect(await handle.query('view')).toMatchObject({ run: run.id, status: 'completed' });
});

it('a signal that does not count changes nothing and is an event with its reason', async () => {
  const run = await world.start(gated);
  await run.asked('approval:G');
  const handle = client.workflow.getHandle(run.id);
  await handle.signal('approve', { gate: 'G', by: 'mallory' });
  await handle.signal('approve', { gate: 'NOPE', by: 'Lead' });
  await handle.signal('approve');
  await handle.signal('decide', { decision: 'approval:G', option: 'maybe', by: 'Lead' });
  await handle.signal('rollback', { by: 'Lead', to: 'NOPE' });
  const refusals = async () =>
    (await run.events()).flatMap((event) => (event.type === 'message-refused' ? [event.why] : []));
  await expect.poll(async () => (await refusals()).length).toBe(5);
  expect((await run.view()).decisions).toMatchObject([{ id: 'approval:G', votes: [] }]);
  expect((await refusals())[0]).toContain('does not hold');
  await handle.signal('reject', { gate: 'G', by: 'Lead', reason: 'no' });
  expect(await run.end()).toMatchObject({ status: 'rolled_back' });
});

it('a signal sent while no worker is up is kept and counts when one is', async () => {
  const run = await world.start(gated);
  await run.asked('approval:G');
  await world.stopWorker();
  await client.workflow.getHandle(run.id).signal('approve', { gate: 'G', by: 'Lead' });
  await world.startWorker();
  expect(await run.end()).toMatchObject({ status: 'completed' });
});

it('of two approvers at the same moment each counts once', async () => {
  const run = await world.start(
    strategy([
      phase('P', 1, [step('A', 1)], gate('G', { approval_required: true, approvers: ['One', 'Two'] })),
      phase('Q', 2, [step('B', 1)]),
    ]),
  );
  await run.asked('approval:G');
  const votes = ['One', 'Two', 'One', 'Two'].map((by) =>
    run.sluice.decide(run.id, { decision: 'approval:G', option: 'approve', by }).then(
      () => by,
      () => null,
    ),
  );
  expect((await Promise.all(votes)).filter((by) => by !== null).sort()).toEqual(['One', 'Two']);
  expect(await run.end()).toMatchObject({ status: 'completed' });
  expect(run.ledger()).toEqual(['do A', 'do B']);
});
