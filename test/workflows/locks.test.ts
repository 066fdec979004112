/** Two runs that affect the same system do not overlap, however the first one ends. */
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { hashPlan } from '../../strategy/hash.js';
import { lockId } from '../../strategy/run/lock.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type TestRun, type World } from '../support/world.js';

let world: World;
let connection: Connection;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
  connection = await Connection.connect({ address: inject('engine') });
});
afterAll(async () => {
  await connection.close();
  await world.close();
});

/** A run that asks before it ends. */
const affecting = (systems: readonly string[]) => ({
  ...strategy([phase('P', 1, [step('A', 1)], gate('G', { approval_required: true, approvers: ['tester'] }))]),
  migration_overview: { name: 'Test migration', scope: { systems_affected: systems } },
});
const start = (...systems: string[]) => world.start(affecting(systems));
const waiting = (run: TestRun, holder: TestRun, ahead: number) =>
  run.until(
    `waits for ${holder.id}`,
    ({ lockWait }) => lockWait?.holder === holder.id && lockWait.ahead === ahead,
  );

it('the second waits in order, says for whom, and begins when the first has ended', async () => {
  const first = await start('orders', 'cart');
  await first.asked('approval:G');
  const second = await start('Cart');
  const view = await waiting(second, first, 1);
  expect(view.status).toBe('waiting');
  expect(view.reason).toBe(
    `Waits for the run ${first.id}, which holds the lock "cart". It continues when that run ends.`,
  );
  const third = await start('cart');
  await waiting(third, first, 2);
  await expect
    .poll(async () => (await world.sluice.list()).find(({ run }) => run === third.id)?.reason)
    .toContain(`Waits for the run ${first.id}`);
  expect([...second.ledger(), ...third.ledger()]).toEqual([]);

  await first.answer('approval:G', 'approve');
  await first.end();
  await second.asked('approval:G');
  await waiting(third, second, 1);
  expect(third.ledger()).toEqual([]);
  await second.answer('approval:G', 'reject');
  await second.end();
  await third.answer('approval:G', 'approve');
  expect(await third.end()).toMatchObject({ status: 'completed' });
});

it('a run that was terminated keeps no lock', async () => {
  const first = await start('stock');
  await first.asked('approval:G');
  const second = await start('stock');
  await waiting(second, first, 1);
  await new Client({ connection }).workflow.getHandle(first.id).terminate('killed by the test');
  await second.answer('approval:G', 'approve');
  expect(await second.end()).toMatchObject({ status: 'completed' });
});

it('a run that is aborted while it waits has touched nothing, and nobody waits for it', async () => {
  const first = await start('mail');
  await first.asked('approval:G');
  const second = await start('mail');
  await waiting(second, first, 1);
  const third = await start('mail');
  await waiting(third, first, 2);
  await second.command({ command: 'abort', by: 'tester' });
  expect(await second.end()).toMatchObject({ status: 'aborted', applied: [] });
  await waiting(third, first, 1);
  await first.command({ command: 'abort', by: 'tester' });
  await third.answer('approval:G', 'approve');
  expect(await third.end()).toMatchObject({ status: 'completed' });
  expect(second.ledger()).toEqual([]);
});

it('a run keeps its lock when its history is cut', async () => {
  const first = await start('ledger');
  await first.asked('approval:G');
  const second = await start('ledger');
  await waiting(second, first, 1);
  const plan = await world.sluice.plan(first.id);
  if (plan === null) throw new Error('The run has no plan.');
  const { hash: _, ...rest } = plan;
  const changed = { ...rest, strategy: { ...rest.strategy, version: '9.9.9' } };
  // An amendment continues the run as new.
  const hash = hashPlan(changed);
  await world.sluice.amend(first.id, { ...changed, hash }, 'tester');
  await first.answer(`amendment:${hash.slice(0, 12)}`, 'approve');
  await first.until('the new plan', ({ strategy: now }) => now.hash === hash);
  const third = await start('ledger');
  await waiting(third, first, 2);
  expect(second.ledger()).toEqual([]);
  await first.command({ command: 'abort', by: 'tester' });
  await second.answer('approval:G', 'approve');
  await second.end();
  await third.answer('approval:G', 'approve');
  expect(await third.end()).toMatchObject({ status: 'completed' });
});

it('runs that affect different systems, or whose bindings lock nothing, do not wait', async () => {
  const first = await start('search');
  await first.asked('approval:G');
  const other = await start('billing');
  await other.asked('approval:G');
  const free = await world.start(affecting(['search']), { bindings: { locks: [] } });
  await free.asked('approval:G');
  for (const run of [first, other, free]) await run.answer('approval:G', 'approve');
  for (const run of [first, other, free]) await run.end();
});

it('a lock that nobody claims any more ends, so that it costs nothing', async () => {
  const run = await start('archive');
  await run.answer('approval:G', 'approve');
  await run.end();
  const lock = new Client({ connection }).workflow.getHandle(lockId(world.taskQueue, 'archive'));
  await expect.poll(async () => (await lock.describe()).status.name, { timeout: 60_000 }).toBe('COMPLETED');
});
