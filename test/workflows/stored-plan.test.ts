/** A plan too large to travel lies in a file. Without it nothing can be done or undone, so the run waits for it and says so. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it, type TestContext } from 'vitest';
import { storePlan } from '../../client/index.js';
import { readStrategy } from '../../client/read.js';
import { planFile } from '../../strategy/layout.js';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type TestRun, type World } from '../support/world.js';

/** Over 1 MiB in all; the system takes no more than 128 KiB in one argument. */
const ballast = Array.from({ length: 12 }, () => `: ${'x'.repeat(100_000)}`);
const large = { commands: ['echo do A >> $LEDGER', ...ballast] };
const asking = { more: { preconditions: ['The lead agrees'] } };
const LARGE = strategy([phase('P', 1, [step('A', 1, large), step('B', 2, asking)])]);

async function worldOf({ onTestFinished }: TestContext): Promise<World> {
  const world = await openWorld(inject('engine'), { worker: false });
  onTestFinished(() => world.close());
  return world;
}

async function planOf(run: TestRun) {
  const { plan } = await readStrategy(join(run.workspace, 'migration-strategy.yaml'));
  if (plan === null) throw new Error('The strategy has no plan.');
  return plan;
}

it('a run whose stored plan is damaged waits for it, and continues once it is stored again', async (test) => {
  const world = await worldOf(test);
  const run = await world.start(LARGE);
  const plan = await planOf(run);
  writeFileSync(planFile(world.home, plan.hash), '{"format":1,"phases":[]}');
  await world.startWorker();
  const { reason } = await run.until('the run waits', ({ status }) => status === 'waiting');
  expect(reason).toContain(planFile(world.home, plan.hash));
  expect(reason).toContain('is damaged');
  expect(reason).toContain('sluice plan STRATEGY --store');
  await storePlan(plan, world.home);
  await run.answer('confirm:B', 'confirm');
  expect(await run.end()).toMatchObject({ status: 'completed', applied: ['A', 'B'] });
  expect(run.ledger()).toEqual(['do A', 'do B']);
});

it('a rollback whose stored plan is missing waits for it, and undoes everything once it is there', async (test) => {
  const world = await worldOf(test);
  await world.startWorker();
  const run = await world.start(LARGE);
  const plan = await planOf(run);
  await run.asked('confirm:B');
  await world.stopWorker();
  rmSync(planFile(world.home, plan.hash));
  await world.startWorker();
  await run.command({ command: 'rollback', by: 'tester', to: 'start' });
  const { reason } = await run.until('the rollback waits', (view) => view.reason.includes('--store'));
  expect(reason).toContain('cannot be read (ENOENT)');
  await storePlan(plan, world.home);
  expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
  expect(run.ledger()).toEqual(['do A', 'undo A']);
});
