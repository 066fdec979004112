import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const failing = step('X', 1, { commands: ['exit 1'], undo: ['echo undo X >> $LEDGER'] });

async function rollingBack(): Promise<Awaited<ReturnType<World['start']>>> {
  const marked = phase('P1', 1, [step('A', 1), step('B', 2)], {
    rollback_point: { can_rollback_from_here: false },
  });
  const run = await world.start(strategy([marked, phase('P2', 2, [failing])]));
  await run.answer('after-rollback:P1', 'rollback-further', 'anyone');
  const { decisions } = await run.asked('confirm:P1');
  expect(decisions[0]?.checklist).toEqual(['undo B (Step B)', 'undo A (Step A)']);
  expect(run.ledger()).toEqual(['do A', 'do B', 'undo X']);
  return run;
}

describe('a rollback through a phase that says can_rollback_from_here: false', () => {
  it('asks once, before the first undo of the phase, and continues when confirmed', async () => {
    const run = await rollingBack();
    await run.answer('confirm:P1', 'confirm', 'anyone');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(run.ledger().slice(3)).toEqual(['undo B', 'undo A']);
  });

  it('stops before the phase when denied, with its steps still applied', async () => {
    const run = await rollingBack();
    await run.answer('confirm:P1', 'deny', 'anyone', 'the partner has switched over');
    const view = await run.until('an end or a next question', ({ status, decisions }) => {
      return status === 'failed' || decisions.length > 0;
    });
    expect(view.applied).toEqual(['A', 'B']);
    expect(run.ledger()).toEqual(['do A', 'do B', 'undo X']);
  });
});

it('a step without actions is undone when the strategy says how', async () => {
  const marker = step('A', 1, {
    more: { execution_details: null },
    undo: ['echo clean up >> $LEDGER'],
  });
  const run = await world.start(strategy([phase('P', 1, [marker, step('X', 2, { commands: ['exit 1'] })])]));
  expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
  expect(run.ledger()).toEqual(['undo X', 'clean up']);
});

it('the prose of a step passes when its validation script, found in the folder of scripts, passes', async () => {
  const checked = step('A', 1, {
    more: { validation: { validation_script: './check.sh', validation_checks: ['All rows are there'] } },
  });
  const files = { 'ops/check.sh': 'true\n' };
  const run = await world.start(
    strategy([phase('P', 1, [checked])], { linkage: { automation_scripts_dir: 'ops' } }),
    { files },
  );
  const view = await run.end();
  expect(view.status).toBe('completed');
  expect(view.phases[0]?.steps[0]?.requirements.map(({ how, verdict }) => [how, verdict])).toEqual([
    ['script', 'pass'],
    ['covered', 'pass'],
  ]);
});
