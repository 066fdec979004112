import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

describe('a migration', () => {
  it('carries out phases and steps by their order, not by their place in the file', async () => {
    const run = await world.start(
      strategy([
        phase('PHASE-2', 2, [step('C', 1)]),
        phase('PHASE-1', 1, [
          step('B', 2),
          step('A', 1, { commands: ['echo do A1 >> $LEDGER', 'echo do A2 >> $LEDGER'] }),
        ]),
      ]),
    );
    const view = await run.end();
    expect(view).toMatchObject({ status: 'completed', applied: ['A', 'B', 'C'], decisions: [] });
    expect(run.ledger()).toEqual(['do A1', 'do A2', 'do B', 'do C']);
  });

  it('waits at a gate for every approver, and shows them the results first', async () => {
    const run = await world.start(
      strategy([
        phase(
          'PHASE-1',
          1,
          [step('A', 1)],
          gate('GATE-1', { approval_required: true, approvers: ['DBA', 'Manager'] }),
        ),
        phase('PHASE-2', 2, [step('B', 1)]),
      ]),
    );
    const asked = await run.asked('approval:GATE-1');
    expect(asked).toMatchObject({
      status: 'waiting',
      phases: [{ gate: { status: 'waiting', reason: 'Waits for "DBA" and "Manager" to approve.' } }, {}],
    });
    expect(asked.decisions[0]?.evidence).toMatchObject([{ text: '$ true', verdict: 'pass' }]);
    await run.answer('approval:GATE-1', 'approve', 'DBA');
    await expect(run.answer('approval:GATE-1', 'approve', 'DBA')).rejects.toThrow('already voted');
    await expect(run.answer('approval:GATE-1', 'approve', 'mallory')).rejects.toThrow('does not hold');
    expect(run.ledger()).toEqual(['do A']);
    await run.answer('approval:GATE-1', 'approve', 'Manager');
    expect(await run.end()).toMatchObject({
      status: 'completed',
      phases: [{ gate: { votes: [{}, {}] } }, {}],
    });
    expect(run.ledger()).toEqual(['do A', 'do B']);
  });

  it('undoes what was applied in reverse order when a step fails, and ends rolled back', async () => {
    const run = await world.start(
      strategy([
        phase('PHASE-1', 1, [
          step('A', 1),
          step('B', 2),
          step('C', 3, { commands: ['echo do C >> $LEDGER; exit 3'] }),
        ]),
      ]),
    );
    const view = await run.end();
    expect(view).toMatchObject({ status: 'rolled_back', landing: 'start', applied: [] });
    expect(view.reason).toContain('3');
    expect(run.ledger()).toEqual(['do A', 'do B', 'do C', 'undo C', 'undo B', 'undo A']);
  });
});
