import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type TestRun, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const waiting = step('W', 2, { commands: ['echo do W >> $LEDGER; while ! test -e go; do sleep 0.05; done'] });

async function atWork(phases: readonly object[]): Promise<TestRun> {
  const run = await world.start(strategy(phases));
  await run.until('the command at work', () => run.ledger().includes('do W'));
  return run;
}

function alive(pattern: string): boolean {
  try {
    return execFileSync('pgrep', ['-f', pattern], { encoding: 'utf8' }).trim() !== '';
  } catch {
    return false;
  }
}

describe('pause', () => {
  it('lets the command at hand end, starts nothing more, and continues with resume', async () => {
    const run = await atWork([phase('P', 1, [step('A', 1), waiting, step('B', 3)])]);
    await run.command({ command: 'pause', by: 'alice' });
    await expect(run.command({ command: 'pause', by: 'bob' })).rejects.toThrow('already paused by alice');
    writeFileSync(`${run.workspace}/go`, '');
    const view = await run.until('W to be done', ({ phases }) => phases[0]?.steps[1]?.status === 'completed');
    expect(view.status).toBe('paused');
    expect(view.reason).toContain('resume');
    await run.command({ command: 'resume', by: 'bob' });
    expect((await run.end()).status).toBe('completed');
    expect(run.ledger()).toEqual(['do A', 'do W', 'do B']);
  });
});

describe('a paused run', () => {
  it('does not retry a command that failed until somebody resumes', async () => {
    const flaky = step('W', 2, {
      commands: ['echo do W >> $LEDGER; while ! test -e go; do sleep 0.05; done; test -e fixed'],
      more: { 'x-retry': { attempts: 2, delay: '1s' } },
    });
    const run = await world.start(strategy([phase('P', 1, [step('A', 1), flaky])]), { compress: 1000 });
    await run.until('the command at work', () => run.ledger().includes('do W'));
    await run.command({ command: 'pause', by: 'alice' });
    writeFileSync(`${run.workspace}/go`, '');
    const failed = async () =>
      (await run.events()).some((e) => e.type === 'action-finished' && e.outcome === 'failed');
    while (!(await failed())) await run.view();
    writeFileSync(`${run.workspace}/fixed`, '');
    // Longer than the delay: a retry under way would have finished by the time the engine answered this often.
    for (let asked = 0; asked < 50; asked += 1) await run.view();
    expect(run.ledger()).toEqual(['do A', 'do W']);
    await run.command({ command: 'resume', by: 'alice' });
    expect(await run.end()).toMatchObject({ status: 'completed' });
    expect(run.ledger()).toEqual(['do A', 'do W', 'do W']);
  });
});

describe('abort', () => {
  it('ends the command with its whole process group and keeps what is applied', async () => {
    const tag = `sluice-abort-${process.pid}`;
    const long = step('W', 2, {
      commands: [
        `echo do W >> $LEDGER; sh -c 'sleep 300; : ${tag}' & sh -c 'sleep 300; : ${tag}'; echo late >> $LEDGER`,
      ],
    });
    const run = await atWork([phase('P', 1, [step('A', 1), long, step('B', 3)])]);
    expect(alive(tag)).toBe(true);
    await run.command({ command: 'abort', by: 'alice', reason: 'wrong database' });
    const view = await run.end();
    expect(view).toMatchObject({ status: 'aborted', applied: ['A', 'W'] });
    expect(view.reason).toContain('wrong database');
    expect(alive(tag)).toBe(false);
    expect(run.ledger()).toEqual(['do A', 'do W']);
  });

  it('withdraws the open question', async () => {
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1)], gate('G', { approval_required: true, approvers: ['Lead'] }))]),
    );
    await run.asked('approval:G');
    await run.command({ command: 'abort', by: 'Lead' });
    expect(await run.end()).toMatchObject({ status: 'aborted', decisions: [] });
    await expect(
      run.sluice.decide(run.id, { decision: 'approval:G', option: 'approve', by: 'Lead' }),
    ).rejects.toThrow();
  });
});

describe('rollback', () => {
  it('stops the command at hand and goes back to the phase that is named', async () => {
    const run = await atWork([phase('P1', 1, [step('A', 1)]), phase('P2', 2, [step('B', 1), waiting])]);
    await expect(run.command({ command: 'rollback', by: 'alice', to: 'P9' })).rejects.toThrow(
      'no phase or step "P9"',
    );
    await run.command({ command: 'rollback', by: 'alice', to: 'P1' });
    const view = await run.asked('after-rollback:P1');
    expect(view).toMatchObject({ landing: 'P1', applied: ['A'] });
    expect(run.ledger()).toEqual(['do A', 'do B', 'do W', 'undo W', 'undo B']);
    await run.command({ command: 'rollback', by: 'alice', to: 'start' });
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start', applied: [] });
    expect(existsSync(`${run.workspace}/go`)).toBe(false);
  });

  it('of a paused run begins at once', async () => {
    const run = await atWork([phase('P', 1, [step('A', 1), waiting, step('B', 3)])]);
    await run.command({ command: 'pause', by: 'alice' });
    await run.command({ command: 'rollback', by: 'bob', to: 'start' });
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [], pausedBy: null });
    expect(run.ledger()).toEqual(['do A', 'do W', 'undo W', 'undo A']);
  });

  it('to a step keeps the step', async () => {
    const run = await atWork([phase('P', 1, [step('A', 1), waiting])]);
    await run.command({ command: 'rollback', by: 'alice', to: 'A' });
    await run.asked('after-rollback:A');
    writeFileSync(`${run.workspace}/go`, '');
    await run.answer('after-rollback:A', 'retry', 'anyone');
    expect(await run.end()).toMatchObject({ status: 'completed', applied: ['A', 'W'] });
    expect(run.ledger()).toEqual(['do A', 'do W', 'undo W', 'do W']);
  });

  it('stays partial under --on-failure full: who commanded it decides how it continues', async () => {
    const run = await world.start(
      strategy([phase('P1', 1, [step('A', 1)]), phase('P2', 2, [step('B', 1), waiting])]),
      { onFailure: 'full' },
    );
    await run.until('the command at work', () => run.ledger().includes('do W'));
    await run.command({ command: 'rollback', by: 'alice', to: 'P1' });
    expect(await run.asked('after-rollback:P1')).toMatchObject({ landing: 'P1', applied: ['A'] });
    await run.answer('after-rollback:P1', 'end');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'P1', applied: ['A'] });
  });

  it('may be broken off by an abort between two undos', async () => {
    const held = step('H', 3, { undo: ['echo undo H >> $LEDGER; while ! test -e let; do sleep 0.05; done'] });
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1), step('B', 2), held, step('X', 4, { commands: ['exit 1'] })])]),
    );
    await run.until('the undo at work', () => run.ledger().includes('undo H'));
    await run.command({ command: 'abort', by: 'alice' });
    writeFileSync(`${run.workspace}/let`, '');
    expect(await run.end()).toMatchObject({ status: 'aborted', applied: ['A', 'B'] });
  });
});
