/** The way back when everything goes wrong on it, or people change their minds half-way. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { processesOf } from '../chaos/processes.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openClient } from '../support/temporal.js';
import { openWorld, type TestRun, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const failing = step('X', 9, { commands: ['exit 1'], undo: null });
/** Its undo holds until the file `let` is there. */
const held = (id: string, order: number) =>
  step(id, order, { undo: [`echo undo ${id} >> $LEDGER; while ! test -e let; do sleep 0.05; done`] });
const broken = (id: string, order: number, fix: string) =>
  step(id, order, { undo: [`echo try ${id} >> $LEDGER; test -e ${fix} && echo undo ${id} >> $LEDGER`] });

/** A step whose failure asks for nothing to be undone by hand. */
const end = { ...failing, rollback_procedure: { can_rollback: true, rollback_steps: ['$ true'] } };

function start(phases: readonly object[], more: object = {}): Promise<TestRun> {
  return world.start(strategy(phases, more));
}

function put(run: TestRun, file: string): void {
  writeFileSync(`${run.workspace}/${file}`, '');
}

function undoing(run: TestRun, id: string): Promise<unknown> {
  return run.until(`the undo of ${id} at work`, () => run.ledger().includes(`undo ${id}`));
}

describe('an undo', () => {
  it('that hangs is ended with all its processes when its time is up, and asks', async () => {
    const slow = step('B', 2, {
      undo: ['echo begun >> $LEDGER; (sleep 30; echo late >> $LEDGER) & sleep 30'],
      more: { 'x-timeout': '1s' },
    });
    const run = await start([phase('P', 1, [step('A', 1), slow, end])]);
    const asked = await run.asked('undo-failure:B');
    expect(asked.decisions[0]?.question).toContain('timed out after 1 s');
    await run.answer('undo-failure:B', 'done', 'tester', 'ended it by hand');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(run.ledger()).toEqual(['do A', 'do B', 'begun', 'undo A']);
  });

  it('that is killed asks, and is run again only when somebody says so', async () => {
    const killed = step('B', 2, {
      undo: ['test -e tried && echo undo B >> $LEDGER || { touch tried; kill -9 $$; }'],
    });
    const run = await start([phase('P', 1, [step('A', 1), killed, end])]);
    const asked = await run.asked('undo-failure:B');
    expect(asked.decisions[0]?.question).toContain('SIGKILL');
    await run.answer('undo-failure:B', 'retry');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(run.ledger()).toEqual(['do A', 'do B', 'undo B', 'undo A']);
  });

  it.each([
    ['happened', ['do A', 'undo A']],
    ['did-not-happen', ['do A', 'again', 'undo A']],
  ])('of unknown outcome asks: %s', async (option, ledger) => {
    const lost = step('B', 2, {
      commands: ['true'],
      undo: ['test -e tried && echo again >> $LEDGER || { touch tried; kill -9 $PPID; kill -9 $$; }'],
    });
    const run = await start([phase('P', 1, [step('A', 1), lost, end])]);
    const asked = await run.asked('unknown-outcome:B');
    expect(asked.decisions[0]?.options).toEqual(['happened', 'did-not-happen']);
    await run.answer('unknown-outcome:B', option);
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(run.ledger()).toEqual(ledger);
  });

  it('that needs a person who cannot do it asks what now, and then the person again', async () => {
    const prose = {
      rollback_procedure: { can_rollback: true, rollback_steps: ['Call the vendor'] },
      responsible_party: 'Ops',
    };
    const run = await start([phase('P', 1, [step('A', 1, { undo: null, more: prose }), end])]);
    await run.answer('manual:undo-A', 'failed', 'Ops', 'nobody answers');
    const asked = await run.asked('undo-failure:A');
    expect(asked.decisions[0]?.question).toContain('nobody answers');
    await run.answer('undo-failure:A', 'retry', 'Ops');
    await run.answer('manual:undo-A#2', 'done', 'Ops');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
  });

  it('of a step that never began its actions is not run', async () => {
    const run = await start([
      phase('P', 1, [step('A', 1), step('B', 2, { more: { preconditions: ['$ false'] } })]),
    ]);
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(run.ledger()).toEqual(['do A', 'undo A']);
  });

  it('that fails after another one failed asks for itself, and the order stays', async () => {
    const run = await start([
      phase('P', 1, [step('A', 1), broken('B', 2, 'one'), broken('C', 3, 'two'), end]),
    ]);
    await run.answer('undo-failure:C', 'skip', 'tester', 'known');
    await run.asked('undo-failure:B');
    put(run, 'one');
    await run.answer('undo-failure:B', 'retry');
    expect(await run.end()).toMatchObject({ status: 'failed', applied: ['C'] });
    expect(run.ledger()).toEqual(['do A', 'do B', 'do C', 'try C', 'try B', 'try B', 'undo B', 'undo A']);
  });
});

describe('in the middle of a rollback', () => {
  it('a pause holds the next undo up until somebody resumes', async () => {
    const run = await start([phase('P', 1, [step('A', 1), held('B', 2), end])]);
    await undoing(run, 'B');
    await run.command({ command: 'pause', by: 'alice' });
    put(run, 'let');
    const view = await run.until('B to be undone', ({ applied }) => !applied.includes('B'));
    expect(view).toMatchObject({ status: 'paused', applied: ['A'] });
    expect(view.reason).toContain('alice');
    await run.command({ command: 'resume', by: 'bob' });
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(run.ledger()).toEqual(['do A', 'do B', 'undo B', 'undo A']);
  });

  it('a command to roll back further lets the undo at hand end, and continues to the start, each undone once', async () => {
    const run = await start([
      phase('P1', 1, [step('A', 1)]),
      phase('P2', 2, [step('B', 1), held('C', 2), end]),
    ]);
    await undoing(run, 'C');
    await expect(run.command({ command: 'rollback', by: 'alice', to: 'P1' })).rejects.toThrow(
      'as much or more',
    );
    await run.command({ command: 'rollback', by: 'alice', to: 'start' });
    put(run, 'let');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start', applied: [] });
    expect(run.ledger()).toEqual(['do A', 'do B', 'do C', 'undo C', 'undo B', 'undo A']);
  });

  it('a command to roll back further answers the open question about an undo by trying it again', async () => {
    const run = await start([phase('P1', 1, [step('A', 1)]), phase('P2', 2, [broken('B', 1, 'one'), end])]);
    await run.asked('undo-failure:B');
    put(run, 'one');
    await run.command({ command: 'rollback', by: 'alice', to: 'start' });
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [], decisions: [] });
    expect(run.ledger()).toEqual(['do A', 'do B', 'try B', 'try B', 'undo B', 'undo A']);
  });

  it('an abort ends the open question and tells what is left', async () => {
    const run = await start([phase('P', 1, [step('A', 1), broken('B', 2, 'one'), end])]);
    await run.asked('undo-failure:B');
    await run.command({ command: 'abort', by: 'alice', reason: 'restoring the backup' });
    const view = await run.end();
    expect(view).toMatchObject({ status: 'aborted', applied: ['A', 'B'], decisions: [] });
    expect(view.reason).toContain('Still applied: A, B');
  });

  it('an abort waits for the undo under way; said again, it ends that with all its processes', async () => {
    const hangs = step('B', 2, {
      undo: ['echo undo B >> $LEDGER; (sleep 30; echo late >> $LEDGER) & sleep 300'],
    });
    const run = await start([phase('P', 1, [step('A', 1), hangs, end])]);
    await undoing(run, 'B');
    await run.command({ command: 'abort', by: 'alice' });
    const waits = await run.view();
    expect(waits).toMatchObject({ status: 'rolling_back' });
    expect(waits.reason).toContain('alice requested an abort');
    await run.command({ command: 'abort', by: 'alice', reason: 'it hangs' });
    const view = await run.end();
    expect(view).toMatchObject({ status: 'aborted', applied: ['A', 'B'] });
    expect(view.reason).toContain('it hangs');
    expect(await run.step('B')).toMatchObject({ status: 'rollback_failed' });
    expect(processesOf(run.workspace)).toEqual([]);
  });

  it('an abort replaces a command to roll back further that nobody has acted on yet', async () => {
    const run = await start([phase('P1', 1, [step('A', 1)]), phase('P2', 2, [held('B', 1), end])]);
    await undoing(run, 'B');
    await run.command({ command: 'rollback', by: 'alice', to: 'start' });
    await run.command({ command: 'abort', by: 'bob' });
    put(run, 'let');
    expect(await run.end()).toMatchObject({ status: 'aborted', applied: ['A'] });
  });
});

describe('votes and orders that arrive at the same moment', () => {
  const gated = [
    phase('P', 1, [step('A', 1)], gate('G', { approval_required: true, approvers: ['Lead'] })),
    phase('Q', 2, [step('B', 1)]),
  ];

  it.each([
    ['the vote first', ['approve', 'rollback']],
    ['the order first', ['rollback', 'approve']],
  ])('with %s: the command is carried out, and nothing is done twice', async (_name, order) => {
    const run = await start(gated);
    await run.asked('approval:G');
    const { client, connection } = await openClient();
    await world.stopWorker();
    const handle = client.workflow.getHandle(run.id);
    for (const signal of order) {
      await handle.signal(
        signal,
        signal === 'approve' ? { gate: 'G', by: 'Lead' } : { by: 'Lead', to: 'start' },
      );
    }
    await connection.close();
    await world.startWorker();
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start', applied: [] });
    expect(run.ledger()).toEqual(['do A', 'undo A']);
    const told = (await run.events()).map(({ type }) => type);
    expect(told.filter((type) => type === 'vote-cast' || type === 'message-refused')).toHaveLength(1);
  });

  it('a rollback ordered while a failure is being decided takes the place of the answer', async () => {
    const run = await start([
      phase('P', 1, [step('A', 1), end], gate('G', { failure_response: 'manual_decision' })),
    ]);
    await run.asked('failure:X');
    await run.command({ command: 'rollback', by: 'alice', to: 'start' });
    await expect(run.answer('failure:X', 'retry')).rejects.toThrow();
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [], decisions: [] });
    expect(run.ledger()).toEqual(['do A', 'undo A']);
  });
});

describe('a level', () => {
  const levels = (...rollback_levels: object[]) => ({ rollback_strategy: { rollback_levels } });
  const script = {
    level: 'phase',
    rollback_procedure: { automation_script: 'scripts/phase.sh' },
  };
  const files = { 'scripts/phase.sh': '#!/bin/sh\necho level >> "$LEDGER"\ntest -e fixed\n' };
  const bare = (id: string, order: number) => step(id, order, { undo: null });

  it('whose script fails asks, and covers the others once it has worked', async () => {
    const run = await world.start(
      strategy([phase('P', 1, [bare('A', 1), bare('B', 2), end])], levels(script)),
      {
        files,
      },
    );
    const asked = await run.asked('undo-failure:rollback-phase');
    expect(asked.applied).toEqual(['A', 'B']);
    put(run, 'fixed');
    await run.answer('undo-failure:rollback-phase', 'retry');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(run.ledger()).toEqual(['do A', 'do B', 'level', 'level']);
  });

  it('whose script was done by hand is not run any more', async () => {
    const run = await world.start(
      strategy([phase('P', 1, [bare('A', 1), bare('B', 2), end])], levels(script)),
      {
        files,
      },
    );
    await run.answer('undo-failure:rollback-phase', 'done', 'tester', 'by hand');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(run.ledger()).toEqual(['do A', 'do B', 'level']);
  });

  const checked = { level: 'phase', validation: { post_rollback_checks: ['$ test -e fixed'] } };
  const two = [phase('P1', 1, [step('A', 1), step('B', 2)]), phase('P2', 2, [step('C', 1), end])];

  it('whose checks fail asks, and checks again on retry', async () => {
    const run = await start(two, levels(checked));
    await run.asked('undo-failure:rollback-phase');
    put(run, 'fixed');
    await run.answer('undo-failure:rollback-phase', 'retry');
    expect(await run.asked('after-rollback:P1')).toMatchObject({ landing: 'P1', applied: ['A', 'B'] });
    await run.answer('after-rollback:P1', 'end');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'P1' });
  });

  it('that is stopped at its checks has landed where it was to land, and is not carried out again from there', async () => {
    const run = await start(two, levels(checked));
    await run.answer('undo-failure:rollback-phase', 'stop');
    const asked = await run.asked('after-rollback:P1');
    expect(asked.decisions[0]?.options).toEqual(['rollback-further', 'end']);
    expect(asked.phases.map(({ status }) => status)).toEqual(['completed', 'rolled_back']);
    await run.answer('after-rollback:P1', 'end');
    expect(await run.end()).toMatchObject({ status: 'failed', landing: 'P1', applied: ['A', 'B'] });
  });

  it('whose approval is refused leaves the question open, and continues when it is given', async () => {
    const run = await start(two, levels({ level: 'full', approval_required: true, decision_maker: 'VP' }));
    await run.answer('after-rollback:P1', 'rollback-further');
    await run.asked('rollback-approval:full');
    expect(run.ledger().slice(-1)).toEqual(['undo C']);
    await run.answer('rollback-approval:full', 'reject', 'VP', 'not yet');
    await run.answer('after-rollback:P1#2', 'rollback-further');
    await run.answer('rollback-approval:full#2', 'approve', 'VP');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start', applied: [] });
    expect(run.ledger().slice(-3)).toEqual(['undo C', 'undo B', 'undo A']);
  });
});
