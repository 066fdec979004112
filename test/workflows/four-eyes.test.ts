/** Nobody gets round the approvers of a gate or a level, under their own rules. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const bindings = {
  roles: { Lead: { members: ['alice', 'bob', 'carol'], votes: 2 } },
  forbidSelfApproval: true,
};
const gated = (criteria: readonly string[]) =>
  strategy([
    phase(
      'P',
      1,
      [step('A', 1)],
      gate('G', {
        criteria,
        failure_response: 'manual_decision',
        approval_required: true,
        approvers: ['Lead'],
      }),
    ),
  ]);

describe('a gate', () => {
  it('that was rejected is skipped only when its own approvers agree, as many as it asks for and not the submitter', async () => {
    const run = await world.start(gated(['$ true']), { bindings, by: 'alice' });
    await run.answer('approval:G', 'reject', 'bob', 'the copy is from yesterday');
    await run.answer('failure:G', 'skip', 'alice', 'I know better');
    const asked = await run.asked('approval:G#2');
    expect(asked.decisions[0]).toMatchObject({ needs: [{ role: 'Lead', votes: 2 }] });
    expect(asked.decisions[0]?.question).toContain('I know better');
    await expect(run.answer('approval:G#2', 'approve', 'alice')).rejects.toThrow('forbidSelfApproval');
    await run.answer('approval:G#2', 'approve', 'bob');
    await expect(run.answer('approval:G#2', 'approve', 'bob')).rejects.toThrow('Each person votes once');
    expect((await run.view()).phases[0]?.gate?.status).toBe('failed');
    await run.answer('approval:G#2', 'approve', 'carol');
    const view = await run.end();
    expect(view).toMatchObject({ status: 'completed' });
    expect(view.phases[0]?.gate?.reason).toBe('Skipped by alice: I know better Approved by bob, carol.');
  });

  it('whose approvers refuse to skip it stays failed, and the question is asked again', async () => {
    const run = await world.start(gated(['$ false']), { bindings, by: 'alice' });
    await run.answer('failure:G', 'skip', 'alice', 'I know better');
    await run.answer('approval:G', 'reject', 'bob');
    const asked = await run.asked('failure:G#2');
    expect(asked.phases[0]?.gate?.status).toBe('failed');
  });

  it('passed over a check without a verdict is still approved by all its approvers, who see whose word it was', async () => {
    const run = await world.start(gated(['$ no-such-program-here']), { bindings, by: 'alice' });
    await run.answer('inconclusive:G', 'pass', 'bob', 'seen by hand');
    const [asked] = (await run.asked('approval:G')).decisions;
    expect(asked?.needs).toMatchObject([{ role: 'Lead', votes: 2 }]);
    expect(asked?.evidence[0]?.evidence).toContain('pass by bob: seen by hand');
  });
});

describe('a level that needs approval', () => {
  it('rolls back once as many of its decision makers agree as the bindings ask for', async () => {
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1), step('X', 2, { commands: ['exit 1'] })])], {
        rollback_strategy: {
          rollback_levels: [{ level: 'phase', approval_required: true, decision_maker: 'Lead' }],
        },
      }),
      { bindings, by: 'dave' },
    );
    await run.answer('rollback-approval:phase', 'approve', 'alice');
    const view = await run.view();
    expect(view).toMatchObject({ applied: ['A', 'X'], rollback: null });
    expect(view.decisions).toMatchObject([{ needs: [{ role: 'Lead', votes: 2 }] }]);
    await run.answer('rollback-approval:phase', 'approve', 'bob');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
  });
});

describe('a prerequisite with status: blocked', () => {
  it('refuses the start: the run ends with nothing done, and says which', async () => {
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1)])], {
        prerequisites: [{ prerequisite_id: 'PREREQ-1', name: 'Licence', validation: { status: 'blocked' } }],
      }),
    );
    const view = await run.end();
    expect(view).toMatchObject({ status: 'failed', landing: 'start', applied: [] });
    expect(view.prerequisites[0]).toMatchObject({ status: 'blocked' });
    expect(view.reason).toContain('PREREQ-1 (Licence)');
    expect(run.ledger()).toEqual([]);
  });
});
