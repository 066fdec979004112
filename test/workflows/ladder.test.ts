import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const failing = { commands: ['echo do X >> $LEDGER; exit 1'] };
const recovering = { commands: ['echo do X >> $LEDGER; test -e fixed'] };

function levels(...rollback_levels: object[]): object {
  return { rollback_strategy: { rollback_levels } };
}

describe('a step that fails', () => {
  it('takes only itself back where the strategy defines that level, and can be retried from the landing', async () => {
    const run = await world.start(
      strategy(
        [phase('P', 1, [step('A', 1), step('X', 2, recovering)])],
        levels({ level: 'step', decision_maker: 'On-call' }),
      ),
    );
    const asked = await run.asked('after-rollback:A');
    expect(asked).toMatchObject({ landing: 'A', applied: ['A'] });
    expect(asked.decisions[0]).toMatchObject({
      options: ['retry', 'rollback-further', 'end'],
      needs: [{ role: 'On-call', votes: 1 }],
    });
    await run.answer('after-rollback:A', 'retry', 'On-call');
    await run.asked('after-rollback:A#2');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(`${run.workspace}/fixed`, '');
    await run.answer('after-rollback:A#2', 'retry', 'On-call');
    expect(await run.end()).toMatchObject({ status: 'completed', applied: ['A', 'X'] });
    expect(run.ledger()).toEqual(['do A', 'do X', 'undo X', 'do X', 'undo X', 'do X']);
  });

  it('takes its phase back otherwise, and what stands before it stays until somebody goes further', async () => {
    const run = await world.start(
      strategy([phase('P1', 1, [step('A', 1)]), phase('P2', 2, [step('B', 1), step('X', 2, failing)])]),
    );
    const asked = await run.asked('after-rollback:P1');
    expect(asked).toMatchObject({ landing: 'P1', applied: ['A'] });
    expect(run.ledger()).toEqual(['do A', 'do B', 'do X', 'undo X', 'undo B']);
    await run.answer('after-rollback:P1', 'rollback-further', 'anyone');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start', applied: [] });
    expect(run.ledger().slice(-1)).toEqual(['undo A']);
  });

  it('can end at a landing in the middle', async () => {
    const run = await world.start(
      strategy([phase('P1', 1, [step('A', 1)]), phase('P2', 2, [step('X', 1, failing)])]),
    );
    await run.answer('after-rollback:P1', 'end', 'anyone');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'P1', applied: ['A'] });
  });

  it('takes everything back without a question under --on-failure full', async () => {
    const run = await world.start(
      strategy(
        [
          phase('P1', 1, [step('A', 1)]),
          phase('P2', 2, [step('X', 1, failing)], gate('G', { failure_response: 'block' })),
        ],
        levels({ level: 'full', approval_required: true, decision_maker: 'VP' }),
      ),
      { onFailure: 'full' },
    );
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start', applied: [] });
    expect(run.ledger()).toEqual(['do A', 'do X', 'undo X', 'undo A']);
  });
});

describe('a trigger condition', () => {
  const breaking = { commands: ['echo do X >> $LEDGER; touch broken; exit 1'] };

  it('that fires picks its level, and the highest wins', async () => {
    const run = await world.start(
      strategy(
        [phase('P1', 1, [step('A', 1)]), phase('P2', 2, [step('X', 1, breaking)])],
        levels(
          { level: 'step', trigger_conditions: ['$ test -e broken'] },
          { level: 'phase', trigger_conditions: ['$ false'] },
          { level: 'full', trigger_conditions: ['$ test -e broken'] },
        ),
      ),
    );
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start' });
    expect(run.ledger()).toEqual(['do A', 'do X', 'undo X', 'undo A']);
  });

  it('that hangs does not hold the rollback up, and one that answers beside it still picks the level', async () => {
    const run = await world.start(
      strategy(
        [phase('P1', 1, [step('A', 1)]), phase('P2', 2, [step('X', 1, breaking)])],
        levels(
          { level: 'phase', trigger_conditions: ['$ test -e broken && sleep 3600'] },
          { level: 'full', trigger_conditions: ['$ test -e broken'] },
        ),
      ),
    );
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start' });
    const events = await run.events();
    const failedAt = events.find((event) => event.type === 'step-status' && event.status === 'failed')?.at;
    const beganAt = events.find(({ type }) => type === 'rollback-started')?.at;
    expect(Date.parse(beganAt ?? '') - Date.parse(failedAt ?? '')).toBeLessThan(20_000);
    expect(events.filter(({ type }) => type === 'requirements-evaluated').at(-1)).toMatchObject({
      subject: { kind: 'rollback', id: 'full' },
      results: [{ verdict: 'fail', alert: true }],
    });
  });
});

describe('a gate that fails', () => {
  it('takes its phase back', async () => {
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1), step('B', 2)], gate('G', { criteria: ['$ false'] }))]),
    );
    const view = await run.end();
    expect(view).toMatchObject({ status: 'rolled_back', landing: 'start' });
    expect(run.ledger()).toEqual(['do A', 'do B', 'undo B', 'undo A']);
  });

  it('takes at least its phase back, under the approval and checks of that level, also when a step trigger fires', async () => {
    const run = await world.start(
      strategy(
        [phase('P', 1, [step('A', 1), step('B', 2)], gate('G', { criteria: ['$ touch broken; false'] }))],
        levels(
          { level: 'step', trigger_conditions: ['$ test -e broken'] },
          {
            level: 'phase',
            approval_required: true,
            decision_maker: 'Manager',
            validation: { post_rollback_checks: ['$ echo check >> $LEDGER'] },
          },
        ),
      ),
    );
    await run.answer('rollback-approval:phase', 'approve', 'Manager');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start' });
    expect(run.ledger()).toEqual(['do A', 'do B', 'undo B', 'undo A', 'check']);
  });

  it('waits for the decision maker where the level needs approval, and a no asks what else to do', async () => {
    const run = await world.start(
      strategy(
        [phase('P', 1, [step('A', 1)], gate('G', { criteria: ['$ test -e fixed'] }))],
        levels({ level: 'phase', approval_required: true, decision_maker: 'Manager' }),
      ),
    );
    await run.asked('rollback-approval:phase');
    expect(run.ledger()).toEqual(['do A']);
    await run.answer('rollback-approval:phase', 'reject', 'Manager', 'fixing forward');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(`${run.workspace}/fixed`, '');
    await run.answer('failure:G', 'retry', 'Manager');
    expect(await run.end()).toMatchObject({ status: 'completed', applied: ['A'] });
  });
});

describe('a level', () => {
  it('covers the steps without an undo of their own by its script, once, after every newer undo; checks come last', async () => {
    const run = await world.start(
      strategy(
        [
          phase('P', 1, [
            step('Z', 0),
            step('A', 1, { undo: null }),
            step('B', 2),
            step('C', 3, { undo: null }),
            step('X', 4, { ...failing, undo: null }),
          ]),
        ],
        levels({
          level: 'phase',
          rollback_procedure: { automation_script: 'scripts/phase.sh' },
          validation: { post_rollback_checks: ['$ echo check >> $LEDGER'] },
        }),
      ),
      { files: { 'scripts/phase.sh': '#!/bin/sh\necho "level $SLUICE_STEPS" >> "$LEDGER"\n' } },
    );
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(run.ledger()).toEqual([
      ...['do Z', 'do A', 'do B', 'do C', 'do X'],
      ...['undo B', 'level X C A', 'undo Z', 'check'],
    ]);
  });
});
