/** Commands take authority: who holds none changes nothing, on every path, and the record says who tried. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openClient } from '../support/temporal.js';
import { openWorld, type TestRun, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const roles = {
  Lead: { members: ['lea'] },
  VP: { members: ['vera', 'vic'], votes: 1 },
  'On-call': { members: ['oscar'] },
};
const phases = [
  phase('P1', 1, [step('A', 1)]),
  phase('P2', 2, [step('B', 1)], gate('G', { approval_required: true, approvers: ['Lead'] })),
];
const levels = {
  rollback_strategy: {
    rollback_levels: [{ level: 'full', approval_required: true, decision_maker: 'VP' }],
  },
};

async function atGate(bindings: object = { roles }, more: object = levels): Promise<TestRun> {
  const run = await world.start(strategy(phases, more), { bindings });
  await run.asked('approval:G');
  return run;
}

async function refusals(run: TestRun): Promise<string[]> {
  return (await run.events()).flatMap((event) =>
    event.type === 'message-refused' ? [`${event.message} by ${event.by}`] : [],
  );
}

const toStart = { command: 'rollback', to: 'start' } as const;

describe('a command', () => {
  it('of a stranger is refused by update and by signal, and both are in the record', async () => {
    const run = await atGate();
    for (const command of [toStart, { command: 'abort' }, { command: 'pause' }] as const) {
      await expect(run.command({ ...command, by: 'mallory' })).rejects.toThrow(
        '"VP" (vera, vic) or "Lead" (lea)',
      );
    }
    const { client, connection } = await openClient();
    await client.workflow.getHandle(run.id).signal('rollback', { by: 'mallory' });
    await expect.poll(() => refusals(run)).toHaveLength(4);
    await connection.close();
    expect((await refusals(run)).at(-1)).toBe('rollback by mallory');
    expect(await run.view()).toMatchObject({ status: 'waiting', applied: ['A', 'B'], pausedBy: null });
  });

  it('of a holder of any role of the strategy counts, where the bindings say nothing', async () => {
    const run = await atGate();
    await run.command({ command: 'pause', by: 'lea' });
    await run.command({ command: 'resume', by: 'vic' });
    await run.command({ command: 'abort', by: 'vera' });
    expect(await run.end()).toMatchObject({ status: 'aborted', applied: ['A', 'B'] });
  });

  it('is left to the roles that the bindings name', async () => {
    const run = await atGate({ roles, authority: { abort: ['On-call'], pause: ['VP'] } });
    await expect(run.command({ command: 'abort', by: 'vera' })).rejects.toThrow('"On-call" (oscar)');
    await expect(run.command({ command: 'pause', by: 'oscar' })).rejects.toThrow('"VP"');
    await run.command({ command: 'abort', by: 'oscar' });
    expect((await run.end()).status).toBe('aborted');
  });

  it('is held by anyone who acts under the name of a role that the bindings leave open', async () => {
    const run = await atGate({});
    await expect(run.command({ command: 'abort', by: 'lea' })).rejects.toThrow('anyone under that name');
    await run.command({ command: 'abort', by: 'Lead' });
    expect((await run.end()).status).toBe('aborted');
  });
});

describe('a commanded rollback of a level that needs approval', () => {
  it('waits for its decision maker with the run paused, and begins when they approve', async () => {
    const run = await atGate();
    await run.command({ ...toStart, by: 'lea' });
    const asked = await run.asked('rollback-approval:full');
    expect(asked).toMatchObject({ pausedBy: 'lea', applied: ['A', 'B'], rollback: null });
    await expect(run.command({ ...toStart, by: 'lea' })).rejects.toThrow('already waiting for approval');
    await expect(run.answer('rollback-approval:full', 'approve', 'lea')).rejects.toThrow('"VP"');
    expect(run.ledger()).toEqual(['do A', 'do B']);
    await run.answer('rollback-approval:full', 'approve', 'vera');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [], decisions: [] });
    expect(run.ledger()).toEqual(['do A', 'do B', 'undo B', 'undo A']);
  });

  it('that is rejected leaves everything as it was, paused until somebody resumes', async () => {
    const run = await atGate();
    await run.command({ ...toStart, by: 'lea' });
    await run.answer('rollback-approval:full', 'reject', 'vera', 'we fix forward');
    await run.answer('approval:G', 'approve', 'lea');
    await run.until('the run paused', ({ status }) => status === 'paused');
    await run.command({ command: 'resume', by: 'lea' });
    expect(await run.end()).toMatchObject({ status: 'completed', applied: ['A', 'B'] });
    expect(run.ledger()).toEqual(['do A', 'do B']);
  });

  it('is approved by the command of a decision maker, also under --on-failure full', async () => {
    const run = await world.start(strategy(phases, levels), { bindings: { roles }, onFailure: 'full' });
    await run.asked('approval:G');
    await run.command({ ...toStart, by: 'vera' });
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect((await run.events()).some(({ type }) => type === 'paused')).toBe(false);
  });

  it('counts the command as one vote where the level takes several', async () => {
    const run = await atGate({ roles: { ...roles, VP: { members: ['vera', 'vic'], votes: 2 } } });
    await run.command({ ...toStart, by: 'vera', reason: 'totals are wrong' });
    const asked = await run.asked('rollback-approval:full');
    expect(asked.decisions.find(({ kind }) => kind === 'rollback-approval')?.votes).toMatchObject([
      { by: 'vera', role: 'VP', option: 'approve', reason: 'totals are wrong' },
    ]);
    await run.answer('rollback-approval:full', 'approve', 'vic');
    expect(await run.end()).toMatchObject({ status: 'rolled_back' });
  });

  it('is withdrawn by an abort that comes first', async () => {
    const run = await atGate();
    await run.command({ ...toStart, by: 'lea' });
    await run.asked('rollback-approval:full');
    await run.command({ command: 'abort', by: 'lea' });
    expect(await run.end()).toMatchObject({ status: 'aborted', decisions: [], applied: ['A', 'B'] });
  });
});

describe('overriding a freeze', () => {
  it('takes authority, and waiting does not', async () => {
    const overview = { name: 'Test', constraints: { business_constraints: ['Frozen'] } };
    const run = await world.start(strategy(phases, { migration_overview: overview }), {
      bindings: {
        roles,
        freezes: { Frozen: { from: '2000-01-01', to: '2999-12-31' } },
        authority: { override: ['VP'] },
      },
    });
    await expect(run.answer('window:window', 'override', 'lea', 'hurry')).rejects.toThrow('"VP"');
    await run.answer('window:window', 'override', 'vera', 'the board agreed');
    await run.asked('approval:G');
  });
});

describe('refused messages', () => {
  it('are recorded up to a limit, and refused beyond it all the same', async () => {
    const run = await atGate();
    for (let sent = 0; sent < 101; sent += 1) {
      await expect(run.command({ command: 'abort', by: 'mallory' })).rejects.toThrow('may not abort');
    }
    const recorded = (await run.events()).flatMap((event) =>
      event.type === 'message-refused' ? [event.why] : [],
    );
    expect(recorded).toHaveLength(100);
    expect(recorded.at(-1)).toContain('later ones are not recorded');
  }, 120_000);
});
