/** An error of sluice's own code is put to a person: it neither hangs the run for ever nor ends it with steps applied. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readStrategy } from '../../client/read.js';
import { hashPlan } from '../../strategy/hash.js';
import type { Plan } from '../../strategy/plan.js';
import type { OnFailure } from '../../strategy/run/view.js';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, TestRun, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

/** Starts a run of a plan that the compiler would never make. */
async function startBroken(
  file: object,
  breakIt: (plan: Plan) => object,
  onFailure: OnFailure = 'strategy',
): Promise<TestRun> {
  const workspace = mkdtempSync(join(tmpdir(), 'sluice-broken-'));
  const ledger = join(workspace, 'ledger');
  writeFileSync(join(workspace, 'migration-strategy.yaml'), JSON.stringify(file));
  writeFileSync(
    join(workspace, 'migration-bindings.yaml'),
    JSON.stringify({ environment: { LEDGER: ledger } }),
  );
  const { plan } = await readStrategy(join(workspace, 'migration-strategy.yaml'));
  if (plan === null) throw new Error('The strategy is meant to be sound.');
  // What crosses the border here is JSON, as from another program: no type vouches for it.
  const changed: Plan = JSON.parse(JSON.stringify(breakIt(plan)));
  const { hash: _, ...unhashed } = changed;
  const broken = { ...unhashed, hash: hashPlan(unhashed) };
  const { run } = await world.sluice.submit(broken, {
    ...{ workspace, by: 'tester', onFailure, compress: 1 },
    id: `broken-${process.pid}-${Math.random().toString(36).slice(2)}`,
  });
  return new TestRun(world.sluice, run, workspace, ledger);
}

const sound = strategy([phase('P', 1, [step('A', 1), step('B', 2)])]);

function withStepB(plan: Plan, change: object): object {
  return {
    ...plan,
    phases: plan.phases.map((one) => ({
      ...one,
      steps: one.steps.map((body) => (body.id === 'B' ? { ...body, ...change } : body)),
    })),
  };
}

describe('an error in the middle of a step', () => {
  it.each(['strategy', 'full'] as const)(
    'is a decision with its message (--on-failure %s), and everything can be rolled back',
    async (onFailure) => {
      const run = await startBroken(sound, (plan) => withStepB(plan, { actions: null }), onFailure);
      const [asked] = (await run.asked('failure:sluice')).decisions;
      expect(asked).toMatchObject({ kind: 'failure', options: ['retry', 'rollback-full', 'abort'] });
      expect(asked?.question).toContain('null');
      await run.answer('failure:sluice', 'retry');
      await run.answer('failure:sluice#2', 'rollback-full');
      expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
      expect(run.ledger()).toEqual(['do A', 'undo A']);
    },
  );
});

describe('an error in the middle of a rollback', () => {
  it('is a decision too, and abort tells what is still applied', async () => {
    const failing = strategy([phase('P', 1, [step('A', 1), step('B', 2, { commands: ['exit 1'] })])]);
    const run = await startBroken(failing, (plan) =>
      withStepB(plan, { undo: { kind: 'actions', actions: null } }),
    );
    await run.answer('failure:sluice', 'retry');
    await run.answer('failure:sluice#2', 'abort');
    const view = await run.end();
    expect(view).toMatchObject({ status: 'aborted', applied: ['A', 'B'] });
    expect(view.reason).toContain('Still applied: A, B');
    expect(view.phases[0]).toMatchObject({ status: 'failed' });
    expect(view.phases[0]?.steps[1]).toMatchObject({ status: 'rollback_failed' });
  });
});

describe('what the engine would refuse', () => {
  it('a deadline that no clock can read leaves the question open, without a reminder', async () => {
    const asked = { prerequisite_id: 'PREREQ-1', name: 'Ready', deadline: '2030-01-01' };
    const file = strategy([phase('P', 1, [step('A', 1)])], { prerequisites: [asked] });
    const run = await startBroken(file, (plan) => ({
      ...plan,
      prerequisites: plan.prerequisites.map((one) => ({ ...one, deadline: '2025-10-04T23:59:60Z' })),
    }));
    await run.answer('prerequisite:PREREQ-1', 'verified');
    expect(await run.end()).toMatchObject({ status: 'completed' });
  });

  it('an action that is larger than a payload with its environment fails its step and says so', async () => {
    const environment = Object.fromEntries(
      Array.from({ length: 8 }, (_, index) => [`LARGE_${index}`, 'x'.repeat(100_000)]),
    );
    const run = await startBroken(sound, (plan) => ({
      ...withStepB(plan, { actions: [{ kind: 'command', text: `: ${'x'.repeat(1_300_000)}` }] }),
      bindings: { ...plan.bindings, environment: { ...plan.bindings.environment, ...environment } },
    }));
    const view = await run.end();
    expect(view).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(view.reason).toContain('Move its text to a script file');
  });

  it('a timeout of many lifetimes is shortened to what it counts', async () => {
    const run = await startBroken(sound, (plan) => withStepB(plan, { timeoutMs: 1e18, soakMs: 1 }));
    expect(await run.end()).toMatchObject({ status: 'completed' });
  });
});
