/** A live run takes a corrected plan, keeps what it carried out, and asks whom the change concerns. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { readStrategy } from '../../client/read.js';
import { hashPlan } from '../../strategy/hash.js';
import type { Plan } from '../../strategy/plan.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const bindings = { roles: { Lead: { members: ['alice', 'bob'], votes: 1 } }, forbidSelfApproval: true };
const approval = { approval_required: true, approvers: ['Lead'] };
const sketch = (wrong: string, first = 'do A') =>
  strategy([
    phase('P', 1, [step('A', 1, { commands: [`echo ${first} >> $LEDGER`] })], gate('G', approval)),
    phase('Q', 2, [step('B', 1, { commands: [wrong] })], gate('H', approval)),
  ]);

/** As the command line compiles it, with the same bindings as the run. */
async function compiled(sketched: object, current: Plan): Promise<Plan> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-amend-'));
  writeFileSync(join(folder, 'migration-strategy.yaml'), JSON.stringify(sketched));
  const { environment } = current.bindings;
  writeFileSync(join(folder, 'migration-bindings.yaml'), JSON.stringify({ environment, ...bindings }));
  const { plan } = await readStrategy(join(folder, 'migration-strategy.yaml'));
  if (plan === null) throw new Error('The strategy has errors.');
  return plan;
}

it('continues with the corrected plan once the approvers agree, and voids earlier votes', async () => {
  const run = await world.start(sketch('exit 7'), { bindings, by: 'tester' });
  const opened = await run.asked('approval:G');
  const current = await world.sluice.plan(run.id);
  if (current === null) throw new Error('The run has no plan.');
  expect(current.hash).toBe(opened.strategy.hash);

  const other = await compiled(sketch('echo do B >> $LEDGER', 'do another A'), current);
  await expect(world.sluice.amend(run.id, other, 'alice')).rejects.toThrow('A is applied');
  const corrected = await compiled(sketch('echo do B >> $LEDGER'), current);
  const forged = { ...other, hash: corrected.hash };
  await expect(world.sluice.amend(run.id, forged, 'alice')).rejects.toThrow('does not match its hash');
  await expect(world.sluice.amend(run.id, corrected, 'mallory')).rejects.toThrow('may not');

  await world.sluice.amend(run.id, corrected, 'alice', { reason: 'exit 7 was a slip' });
  const id = `amendment:${corrected.hash.slice(0, 12)}`;
  const asked = (await run.asked(id)).decisions.find((decision) => decision.id === id);
  expect(asked).toMatchObject({ checklist: ['step B changes'], needs: [{ role: 'Lead' }] });
  await expect(run.answer(id, 'approve', 'alice')).rejects.toThrow('requested this amendment');
  await run.answer(id, 'approve', 'bob');

  const amended = await run.until('the new plan', (view) => view.strategy.hash === corrected.hash);
  expect(amended).toMatchObject({ status: 'paused', pausedBy: 'alice', applied: ['A'], decisions: [] });
  await run.command({ command: 'resume', by: 'alice' });
  await run.answer('approval:G#2', 'approve', 'alice');
  await run.answer('approval:H', 'approve', 'bob');
  expect(await run.end()).toMatchObject({ status: 'completed', applied: ['A', 'B'] });
  expect(run.ledger()).toEqual(['do A', 'do B']);

  const events = await run.events();
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
  expect(events.find(({ type }) => type === 'plan-amended')).toMatchObject({
    by: 'alice',
    from: current.hash,
    to: corrected.hash,
    changes: ['step B changes'],
  });
  expect(events).toContainEqual(
    expect.objectContaining({
      type: 'decision-closed',
      decision: 'approval:G',
      reason: 'withdrawn: the plan is amended, so votes on the earlier plan count no more',
    }),
  );
  expect(events.filter(({ type }) => type === 'message-refused')).toHaveLength(4);
  const listed = (await world.sluice.list()).find((each) => each.run === run.id);
  expect(listed).toMatchObject({ status: 'completed' });
});

it('a rejected amendment changes nothing, and the run stays paused', async () => {
  const run = await world.start(sketch('echo do B >> $LEDGER'), { bindings, by: 'tester' });
  const { strategy: before } = await run.asked('approval:G');
  const current = await world.sluice.plan(run.id);
  if (current === null) throw new Error('The run has no plan.');
  const other = await compiled(sketch('echo something else >> $LEDGER'), current);
  await world.sluice.amend(run.id, other, 'alice');
  await run.answer(`amendment:${other.hash.slice(0, 12)}`, 'reject', 'bob');
  const view = await run.until('only the gate', ({ decisions }) => decisions.length === 1);
  expect(view).toMatchObject({ strategy: before, pausedBy: 'alice', decisions: [{ id: 'approval:G' }] });
  await run.command({ command: 'abort', by: 'alice' });
  await run.end();
});

it('a step that failed is rolled back, corrected and carried out', async () => {
  const failing = strategy([phase('P', 1, [step('A', 1), step('B', 2, { commands: ['exit 7'] })])], {
    rollback_strategy: { rollback_levels: [{ level: 'step' }] },
  });
  const run = await world.start(failing, { bindings });
  await run.asked('after-rollback:A');
  const current = await world.sluice.plan(run.id);
  if (current === null) throw new Error('The run has no plan.');
  const { hash: _old, ...rest } = current;
  const phases = current.phases.map((each) => ({
    ...each,
    steps: each.steps.map((planned) =>
      planned.id === 'B'
        ? { ...planned, actions: [{ kind: 'command', text: 'echo do B >> $LEDGER' } as const] }
        : planned,
    ),
  }));
  const corrected: Plan = { ...rest, phases, hash: hashPlan({ ...rest, phases }) };
  await world.sluice.amend(run.id, corrected, 'tester');
  await run.until('the new plan', (view) => view.strategy.hash === corrected.hash);
  await run.command({ command: 'resume', by: 'tester' });
  expect(await run.end()).toMatchObject({ status: 'completed', applied: ['A', 'B'] });
  expect(run.ledger()).toEqual(['do A', 'undo B', 'do B']);
});
