import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const asking = { failure_response: 'manual_decision' };

function failingOnce(flag: string): string {
  return `echo try >> $LEDGER; test -e ${flag} || { touch ${flag}; exit 1; }`;
}

describe('prerequisite', () => {
  const prerequisites = [
    {
      prerequisite_id: 'PREREQ-1',
      name: 'Signed',
      type: 'approval',
      owner: 'DBA',
      validation: { verification_method: 'Document signed', status: 'pending' },
    },
  ];

  it('is asked of its owner before anything is touched', async () => {
    const run = await world.start(strategy([phase('P', 1, [step('A', 1)])], { prerequisites }));
    const asked = await run.asked('prerequisite:PREREQ-1');
    expect(asked.decisions[0]).toMatchObject({ kind: 'prerequisite', needs: [{ role: 'DBA', votes: 1 }] });
    await expect(run.answer('prerequisite:PREREQ-1', 'verified', 'somebody')).rejects.toThrow(
      'does not hold',
    );
    expect(run.ledger()).toEqual([]);
    await run.answer('prerequisite:PREREQ-1', 'verified', 'DBA');
    expect(await run.end()).toMatchObject({ status: 'completed', prerequisites: [{ status: 'verified' }] });
  });

  it('that is blocked stops the run with nothing applied', async () => {
    const run = await world.start(strategy([phase('P', 1, [step('A', 1)])], { prerequisites }));
    await run.answer('prerequisite:PREREQ-1', 'blocked', 'DBA', 'not yet');
    const asked = await run.asked('failure:PREREQ-1');
    expect(asked.decisions[0]?.options).toEqual(['retry', 'skip', 'abort']);
    await run.answer('failure:PREREQ-1', 'abort', 'DBA');
    expect(await run.end()).toMatchObject({ status: 'aborted', applied: [] });
    expect(run.ledger()).toEqual([]);
  });
});

describe('confirm', () => {
  const open = { responsible_party: 'Ops', validation: { validation_checks: ['Looks good', '$ true'] } };

  it('is one checklist for the responsible party', async () => {
    const run = await world.start(strategy([phase('P', 1, [step('A', 1, { more: open })])]));
    const asked = await run.asked('confirm:A');
    expect(asked.decisions[0]).toMatchObject({ checklist: ['Looks good'], needs: [{ role: 'Ops' }] });
    expect(asked.phases[0]?.steps[0]?.status).toBe('waiting');
    await run.answer('confirm:A', 'confirm', 'Ops');
    const view = await run.end();
    expect(view.phases[0]?.steps[0]?.requirements).toMatchObject([
      { text: 'Looks good', how: 'person', verdict: 'pass', evidence: 'confirmed by Ops' },
      { text: '$ true', how: 'command', verdict: 'pass' },
    ]);
  });

  it('that is denied fails the step, which is undone', async () => {
    const run = await world.start(strategy([phase('P', 1, [step('A', 1, { more: open })])]));
    await run.answer('confirm:A', 'deny', 'Ops', 'it smells');
    const view = await run.end();
    expect(view).toMatchObject({ status: 'rolled_back' });
    expect(view.reason).toContain('it smells');
    expect(run.ledger()).toEqual(['do A', 'undo A']);
  });
});

describe('manual', () => {
  it('waits until somebody did the step by hand', async () => {
    const by = { execution_details: { manual_steps: ['Turn the key'] }, responsible_party: 'Ops' };
    const run = await world.start(strategy([phase('P', 1, [step('A', 1, { more: by })])]));
    const asked = await run.asked('manual:A');
    expect(asked.decisions[0]?.checklist).toEqual(['Turn the key']);
    await run.answer('manual:A', 'done', 'Ops');
    expect(await run.end()).toMatchObject({ status: 'completed', applied: ['A'] });
  });
});

describe('failure', () => {
  it('continues at the command that failed when somebody retries', async () => {
    const run = await world.start(
      strategy([
        phase(
          'P',
          1,
          [step('A', 1, { commands: ['echo first >> $LEDGER', failingOnce('flag')] })],
          gate('G', asking),
        ),
      ]),
    );
    await run.answer('failure:A', 'retry', 'anyone');
    expect(await run.end()).toMatchObject({ status: 'completed' });
    expect(run.ledger()).toEqual(['first', 'try', 'try']);
    expect((await run.step('A')).attempts).toBe(2);
  });

  it('is asked again under a new name, and a skip needs a reason', async () => {
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1, { commands: ['exit 1'] }), step('B', 2)], gate('G', asking))]),
    );
    await run.answer('failure:A', 'retry', 'anyone');
    await run.asked('failure:A#2');
    await expect(run.answer('failure:A#2', 'skip', 'anyone')).rejects.toThrow('reason');
    await run.answer('failure:A#2', 'skip', 'anyone', 'known');
    const view = await run.end();
    expect(view).toMatchObject({ status: 'completed' });
    expect(view.phases[0]?.steps[0]).toMatchObject({ status: 'skipped' });
    expect(view.phases[0]?.steps[0]?.reason).toContain('known');
  });

  it('of a gate can be retried, and the approval is then asked anew', async () => {
    const run = await world.start(
      strategy([
        phase('P', 1, [step('A', 1)], gate('G', { ...asking, approval_required: true, approvers: ['Lead'] })),
      ]),
    );
    await run.answer('approval:G', 'reject', 'Lead', 'not today');
    await run.answer('failure:G', 'retry', 'Lead');
    await run.answer('approval:G#2', 'approve', 'Lead');
    expect(await run.end()).toMatchObject({ status: 'completed' });
    expect(run.ledger()).toEqual(['do A']);
  });

  it('can end the run and keep what is applied', async () => {
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1), step('B', 2, { commands: ['exit 1'] })], gate('G', asking))]),
    );
    await run.answer('failure:B', 'abort', 'anyone');
    expect(await run.end()).toMatchObject({ status: 'aborted', applied: ['A', 'B'] });
    expect(run.ledger()).toEqual(['do A']);
  });
});

describe('inconclusive', () => {
  const broken = { validation: { validation_checks: ['$ no-such-program-here'] }, responsible_party: 'Ops' };

  it('is never a pass by itself: a person says so, with a reason', async () => {
    const run = await world.start(strategy([phase('P', 1, [step('A', 1, { more: broken })])]));
    await run.answer('inconclusive:A', 'retry', 'Ops');
    await run.asked('inconclusive:A#2');
    await expect(run.answer('inconclusive:A#2', 'pass', 'Ops')).rejects.toThrow('reason');
    await run.answer('inconclusive:A#2', 'pass', 'Ops', 'checked by hand');
    const view = await run.end();
    expect(view.status).toBe('completed');
    expect(view.phases[0]?.steps[0]?.requirements[0]?.evidence).toContain('checked by hand');
  });

  it('fails the step when the person says that it does not hold', async () => {
    const run = await world.start(strategy([phase('P', 1, [step('A', 1, { more: broken })])]));
    await run.answer('inconclusive:A', 'fail', 'Ops');
    expect(await run.end()).toMatchObject({ status: 'rolled_back' });
    expect(run.ledger()).toEqual(['do A', 'undo A']);
  });
});

describe('unknown-outcome', () => {
  const vanishing = (id: string, more: object = {}) =>
    step(id, 1, {
      commands: [`echo do ${id} >> $LEDGER; test -e again || { touch again; kill -9 $PPID; kill -9 $$; }`],
      more,
    });

  it('happened: continues and does not do it again', async () => {
    const run = await world.start(strategy([phase('P', 1, [vanishing('A')])]));
    await run.answer('unknown-outcome:A', 'happened', 'anyone');
    expect(await run.end()).toMatchObject({ status: 'completed' });
    expect(run.ledger()).toEqual(['do A']);
  });

  it('did-not-happen: does it again', async () => {
    const run = await world.start(strategy([phase('P', 1, [vanishing('A')])]));
    await run.answer('unknown-outcome:A', 'did-not-happen', 'anyone');
    expect(await run.end()).toMatchObject({ status: 'completed' });
    expect(run.ledger()).toEqual(['do A', 'do A']);
  });

  it('rollback: undoes it', async () => {
    const run = await world.start(strategy([phase('P', 1, [vanishing('A')])]));
    await run.answer('unknown-outcome:A', 'rollback', 'anyone');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start' });
    expect(run.ledger()).toEqual(['do A', 'undo A']);
  });

  it('of an idempotent step is simply done again', async () => {
    const run = await world.start(strategy([phase('P', 1, [vanishing('A', { 'x-idempotent': true })])]));
    expect(await run.end()).toMatchObject({ status: 'completed' });
    expect(run.ledger()).toEqual(['do A', 'do A']);
  });
});

describe('window', () => {
  const frozen = {
    migration_overview: { name: 'Test', constraints: { business_constraints: ['Frozen'] } },
  };
  const bindings = { freezes: { Frozen: { from: '2000-01-01', to: '2999-12-31' } } };

  it('holds the run before its first step until somebody overrides it, with a reason', async () => {
    const run = await world.start(strategy([phase('P', 1, [step('A', 1)])], frozen), {
      bindings,
    });
    await run.asked('window:window');
    await expect(run.answer('window:window', 'override', 'anyone')).rejects.toThrow('reason');
    await run.answer('window:window', 'override', 'anyone', 'the board agreed');
    expect((await run.end()).status).toBe('completed');
  });
});
