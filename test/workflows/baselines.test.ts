import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const bindings = { metrics: { latency: { command: 'cat latency' } }, watch: { interval: '1s' } };
const compared = { validation: { validation_checks: ['latency < 2x baseline'] } };

describe('a baseline', () => {
  it('is measured before the first action and kept with the step, so that its checks compare with it', async () => {
    const first = step('A', 1, { commands: ['echo 10 > latency'], undo: null });
    const quick = step('B', 2, { commands: ['echo 19 > latency'], undo: null, more: compared });
    const run = await world.start(strategy([phase('P', 1, [first, quick])]), { bindings });
    expect(await run.end()).toMatchObject({ status: 'completed' });
    const { baselines, requirements } = await run.step('B');
    expect(baselines).toEqual({ latency: 10 });
    expect(requirements).toMatchObject([{ text: 'latency < 2x baseline', verdict: 'pass' }]);
  });

  it('is not measured again by a retry, which would compare the step with itself', async () => {
    const slow = step('B', 2, { commands: ['echo 30 > latency'], undo: null, more: compared });
    const first = step('A', 1, { commands: ['echo 10 > latency'], undo: null });
    const gate = { gate_id: 'G', criteria: ['$ true'], failure_response: 'manual_decision' };
    const run = await world.start(strategy([phase('P', 1, [first, slow], { validation_gate: gate })]), {
      bindings,
    });
    await run.asked('failure:B');
    await run.answer('failure:B', 'retry', 'anyone');
    await run.asked('failure:B#2');
    expect((await run.step('B')).baselines).toEqual({ latency: 10 });
    await run.answer('failure:B#2', 'abort', 'anyone');
    await run.end();
  });
});
