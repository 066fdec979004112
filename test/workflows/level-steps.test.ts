import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const failing = step('X', 9, { commands: ['exit 1'], undo: ['echo undo X >> $LEDGER'] });
const level = {
  level: 'phase',
  decision_maker: 'Lead',
  rollback_procedure: {
    steps: ['$ echo stop >> $LEDGER', 'Call the vendor', '$ echo restore >> $LEDGER'],
  },
};
const levels = { rollback_strategy: { rollback_levels: [level] } };

describe('the steps of a rollback level', () => {
  it('cover a step without an undo in their order, prose among them asked of the decision maker', async () => {
    const steps = [step('A', 1), step('B', 2, { undo: null }), failing];
    const run = await world.start(strategy([phase('P', 1, steps)], levels));
    const { decisions } = await run.asked('manual:undo-rollback-1');
    expect(decisions[0]).toMatchObject({
      question: 'Do by hand, to undo B: Call the vendor',
      needs: [{ role: 'Lead' }],
    });
    expect(run.ledger()).toEqual(['do A', 'do B', 'undo X', 'stop']);
    await run.answer('manual:undo-rollback-1', 'done', 'Lead');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(run.ledger().slice(4)).toEqual(['restore', 'undo A']);
  });

  it('are neither run nor asked when every step has an undo of its own', async () => {
    const run = await world.start(strategy([phase('P', 1, [step('A', 1), failing])], levels));
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(run.ledger()).toEqual(['do A', 'undo X', 'undo A']);
  });
});
