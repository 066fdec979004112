import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const GO = 'echo go >> $LEDGER\n';

it('a script that was changed after the start is not run; restored, a retry runs it', async () => {
  const changes = step('A', 1, { commands: ['echo "echo worse >> \\$LEDGER" > go.sh'] });
  const runs = step('B', 2, { more: { execution_details: { automation_script: 'go.sh' } } });
  const run = await world.start(
    strategy([phase('P', 1, [changes, runs], gate('G', { failure_response: 'block' }))]),
    { files: { 'go.sh': GO } },
  );
  const { decisions } = await run.asked('failure:B');
  expect(decisions[0]?.question).toContain('go.sh was changed after the run was submitted, and was not run');
  expect(run.ledger()).toEqual([]);
  writeFileSync(join(run.workspace, 'go.sh'), GO);
  await run.answer('failure:B', 'retry', 'anyone');
  expect(await run.end()).toMatchObject({ status: 'completed' });
  expect(run.ledger()).toEqual(['go']);
});
