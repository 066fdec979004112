import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;

beforeAll(async () => {
  world = await openWorld(inject('engine'));
});

afterAll(() => world.close());

it('a question whose deadline has passed is told to be late and stays open, and nothing is done for it', async () => {
  const late = { prerequisite_id: 'PREREQ-1', name: 'The backup was restored once', deadline: '2020-01-01' };
  const run = await world.start(strategy([phase('P', 1, [step('A', 1)])], { prerequisites: [late] }));
  await run.asked('prerequisite:PREREQ-1');
  await expect
    .poll(async () => (await run.events()).some(({ type }) => type === 'decision-overdue'), {
      timeout: 20_000,
    })
    .toBe(true);
  await run.command({ command: 'pause', by: 'tester' });
  const view = await run.view();
  expect(view.decisions.map(({ id, votes }) => ({ id, votes }))).toEqual([
    { id: 'prerequisite:PREREQ-1', votes: [] },
  ]);
  expect(run.ledger()).toEqual([]);
  await run.command({ command: 'resume', by: 'tester' });
  await run.answer('prerequisite:PREREQ-1', 'verified');
  expect((await run.end()).status).toBe('completed');
});
