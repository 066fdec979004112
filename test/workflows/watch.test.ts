import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const bindings = (command: string) => ({
  metrics: { errors: { command } },
  watch: { interval: '1s', failureLimit: 1 },
});
const watched = { monitoring: { alert_conditions: ['errors > 5'] } };

describe('a watch', () => {
  it('looks once also when the step was over at once, and asks nobody what it can see', async () => {
    const quick = step('A', 1, {
      commands: [],
      undo: null,
      more: { ...watched, validation: { validation_checks: [] } },
    });
    const run = await world.start(strategy([phase('P', 1, [quick])]), { bindings: bindings('echo 0') });
    expect(await run.end()).toMatchObject({ status: 'completed' });
    const { requirements } = await run.step('A');
    expect(requirements).toMatchObject([{ text: 'errors > 5', verdict: 'pass' }]);
  });

  it('without data is looked at again when somebody says so', async () => {
    const run = await world.start(strategy([phase('P', 1, [step('A', 1, { more: watched })])]), {
      bindings: bindings('cat errors'),
    });
    await run.asked('inconclusive:A');
    writeFileSync(`${run.workspace}/errors`, '0');
    await run.answer('inconclusive:A', 'retry', 'anyone');
    expect(await run.end()).toMatchObject({ status: 'completed' });
  });
});
