import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const risks = {
  risk_mitigation: {
    migration_risks: [
      { risk_id: 'R-1', description: 'Orders are lost', affected_steps: ['A'] },
      {
        risk_id: 'R-2',
        description: 'It burns',
        affected_steps: ['B'],
        contingency: { trigger: 'It burns', action: 'Call the brigade', responsible_party: 'Firewoman' },
      },
    ],
  },
};

it('a trigger that fires fails the step, and asks its responsible party with the risk in front of them; the gate shows all', async () => {
  const run = await world.start(
    strategy(
      [
        phase(
          'P',
          1,
          [step('A', 1), step('B', 2)],
          gate('G', { approval_required: true, approvers: ['Lead'], failure_response: 'manual_decision' }),
        ),
      ],
      risks,
    ),
    {
      bindings: {
        checks: { 'It burns': { command: 'true', expect: 'pass' } },
        watch: { interval: '100ms', failureLimit: 2 },
      },
    },
  );
  const [failure] = (await run.asked('failure:B')).decisions;
  expect(failure?.needs).toMatchObject([{ role: 'Firewoman' }]);
  expect(failure?.question).toContain('contingency: Call the brigade');
  expect(failure?.evidence).toContainEqual(
    expect.objectContaining({
      text: 'risk R-2: It burns',
      evidence: 'if It burns: Call the brigade (Firewoman)',
    }),
  );
  expect(failure?.evidence.map(({ text }) => text)).not.toContain('risk R-1: Orders are lost');
  await run.answer('failure:B', 'skip', 'Firewoman', 'The brigade was here');
  const { decisions } = await run.asked('approval:G');
  expect(decisions[0]?.evidence.map(({ text }) => text)).toEqual([
    '$ true',
    'risk R-1: Orders are lost',
    'risk R-2: It burns',
  ]);
});
