import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const failing = step('X', 9, { commands: ['exit 1'], undo: ['echo undo X >> $LEDGER'] });
const brokenUndo = step('B', 2, { undo: ['echo try >> $LEDGER; test -e fixed'] });

async function stuck(): Promise<Awaited<ReturnType<World['start']>>> {
  const run = await world.start(strategy([phase('P', 1, [step('A', 1), brokenUndo, failing])]));
  const asked = await run.asked('undo-failure:B');
  expect(asked.phases[0]?.steps[1]).toMatchObject({ status: 'rollback_failed' });
  expect(asked.applied).toEqual(['A', 'B']);
  expect(run.ledger()).toEqual(['do A', 'do B', 'undo X', 'try']);
  return run;
}

describe('an undo that fails asks, and', () => {
  it('is tried again on retry', async () => {
    const run = await stuck();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(`${run.workspace}/fixed`, '');
    await run.answer('undo-failure:B', 'retry', 'anyone');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(run.ledger().slice(3)).toEqual(['try', 'try', 'undo A']);
  });

  it('counts as undone when somebody did it by hand and says how', async () => {
    const run = await stuck();
    await expect(run.answer('undo-failure:B', 'done', 'anyone')).rejects.toThrow('reason');
    await run.answer('undo-failure:B', 'done', 'anyone', 'dropped it with psql');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start', applied: [] });
  });

  it('stays listed as applied when it is skipped, and the run does not claim to be rolled back', async () => {
    const run = await stuck();
    await run.answer('undo-failure:B', 'skip', 'anyone', 'harmless');
    const view = await run.end();
    expect(view).toMatchObject({ status: 'failed', applied: ['B'] });
    expect(view.reason).toContain('B');
    expect(run.ledger().slice(-1)).toEqual(['undo A']);
  });

  it('ends the rollback on stop, with the rest still applied', async () => {
    const run = await stuck();
    await run.answer('undo-failure:B', 'stop', 'anyone');
    const view = await run.until(
      'a next question or an end',
      ({ status, decisions }) => status === 'failed' || decisions.length > 0,
    );
    expect(view.applied).toEqual(['A', 'B']);
    await run.answer('after-rollback:B', 'end', 'anyone');
    expect(await run.end()).toMatchObject({ status: 'failed', applied: ['A', 'B'] });
  });
});

describe('a step without an executable way back', () => {
  it('asks a person to undo it', async () => {
    const prose = {
      rollback_procedure: { can_rollback: true, rollback_steps: ['Call the vendor'] },
      responsible_party: 'Ops',
    };
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1, { undo: null, more: prose }), failing])]),
    );
    const asked = await run.asked('manual:undo-A');
    expect(asked.decisions[0]?.checklist).toEqual(['Call the vendor']);
    await run.answer('manual:undo-A', 'done', 'Ops');
    expect(await run.end()).toMatchObject({ status: 'rolled_back' });
  });

  it('that is a point of no return is never passed silently', async () => {
    const run = await world.start(strategy([phase('P', 1, [step('A', 1, { undo: false }), failing])]));
    const asked = await run.asked('undo-failure:A');
    expect(asked.decisions[0]?.options).toEqual(['skip', 'done', 'stop']);
    await run.answer('undo-failure:A', 'skip', 'anyone', 'accepted');
    expect(await run.end()).toMatchObject({ status: 'failed', applied: ['A'] });
  });
});

describe('a step that timed out', () => {
  it('is stopped with everything it started, and undone', async () => {
    const slow = step('S', 1, {
      commands: ['(sleep 30; echo late >> $LEDGER) & echo begun >> $LEDGER; sleep 30'],
      more: { 'x-timeout': '1s' },
    });
    const run = await world.start(strategy([phase('P', 1, [slow])]));
    const view = await run.end();
    expect(view.status).toBe('rolled_back');
    expect(view.reason).toContain('timed out');
    expect(run.ledger()).toEqual(['begun', 'undo S']);
  });
});

describe('a step whose undo was given up half-way', () => {
  it('is carried out and undone as a whole when it is all carried out again', async () => {
    const half = step('B', 2, {
      undo: ['echo undo B1 >> $LEDGER', 'echo try >> $LEDGER; test -e fixed'],
    });
    const x = step('X', 3, { commands: ['exit 1'], undo: ['true'] });
    const run = await world.start(strategy([phase('P1', 1, [step('A', 1)]), phase('P2', 2, [half, x])]));
    await run.answer('undo-failure:B', 'skip', 'anyone', 'later');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(`${run.workspace}/fixed`, '');
    await run.answer('after-rollback:P1', 'retry', 'anyone');
    await run.asked('after-rollback:P1#2');
    expect(run.ledger()).toEqual(['do A', 'do B', 'undo B1', 'try', 'do B', 'undo B1', 'try']);
    expect((await run.view()).applied).toEqual(['A']);
  });
});

describe("a level's script that fails", () => {
  it('asks once for all the steps it covers, and leaves all of them applied when it is skipped', async () => {
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1, { undo: null }), step('B', 2, { undo: null }), failing])], {
        rollback_strategy: {
          rollback_levels: [
            { level: 'phase', rollback_procedure: { steps: ['$ echo level >> $LEDGER; false'] } },
          ],
        },
      }),
    );
    const asked = await run.asked('undo-failure:rollback-phase');
    expect(asked.decisions[0]?.question).toContain('B, A could not be undone');
    await run.answer('undo-failure:rollback-phase', 'skip', 'anyone', 'harmless');
    expect(await run.end()).toMatchObject({ status: 'failed', applied: ['A', 'B'] });
    expect(run.ledger()).toEqual(['do A', 'do B', 'undo X', 'level']);
  });
});
