/** A known failure decides at once: no answer about an inconclusive neighbour could change it. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const mixed = ['$ no-such-program-here', '$ false'];
const failing = step('X', 2, { more: { validation: { validation_checks: mixed } } });

it('at a gate with failure_response: rollback: the phase is undone without a question', async () => {
  const run = await world.start(strategy([phase('P', 1, [step('A', 1)], gate('G', { criteria: mixed }))]));
  expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start' });
  const events = await run.events();
  expect(events.filter(({ type }) => type === 'decision-opened')).toEqual([]);
  const seen = events.find((event) => event.type === 'requirements-evaluated');
  expect(seen).toMatchObject({ results: [{ verdict: 'inconclusive' }, { verdict: 'fail' }] });
});

it('in a step under --on-failure full: everything is undone without a question', async () => {
  const run = await world.start(strategy([phase('P', 1, [step('A', 1), failing])]), { onFailure: 'full' });
  expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start' });
  expect((await run.events()).filter(({ type }) => type === 'decision-opened')).toEqual([]);
  expect(run.ledger()).toEqual(['do A', 'do X', 'undo X', 'undo A']);
});

it('where a person decides: they are asked about the failure, with the inconclusive ones in the evidence', async () => {
  const run = await world.start(
    strategy([phase('P', 1, [step('A', 1), failing], gate('G', { failure_response: 'manual_decision' }))]),
  );
  const [asked] = (await run.asked('failure:X')).decisions;
  expect(asked?.evidence.map(({ verdict }) => verdict)).toEqual(['inconclusive', 'fail']);
  expect(asked?.question).toContain('$ false');
});
