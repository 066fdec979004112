/** Nothing of a procedure is done or skipped silently: each sentence runs, is asked, or is listed with the reason. */
import { describe, expect, test } from 'vitest';
import { compileText, type Given, planOf, stepOf, strategyOf, troubles } from './support/compile-text.js';

const RESPONSIBLE = 'responsible_party: Ops\n';

function covered(strategy: string, more: Omit<Partial<Given>, 'strategy'> = {}): Record<string, string> {
  const { coverage } = compileText({ strategy, ...more });
  return Object.fromEntries(coverage.sentences.map(({ text, kind, how }) => [text, `${kind}: ${how}`]));
}

function onlyStep(fields: string, type?: string) {
  const step = planOf({ strategy: strategyOf(stepOf('A', 1, fields, type)) }).phases[0]?.steps[0];
  if (step === undefined) throw new Error('the plan has no step');
  return step;
}

describe('a step without commands and manual steps', () => {
  test('asks its responsible party to do what its description says', () => {
    const fields = `${RESPONSIBLE}description: Switch the load balancer`;
    expect(onlyStep(fields).actions).toEqual([{ kind: 'manual', items: ['Switch the load balancer'] }]);
    expect(covered(strategyOf(stepOf('A', 1, fields)))).toEqual({
      'Switch the load balancer': 'person: manual step: Ops',
    });
  });

  test('asks for its method rather than its description', () => {
    const { actions } = onlyStep('description: Words\nexecution_details: { method: By hand }');
    expect(actions).toEqual([{ kind: 'manual', items: ['By hand'] }]);
  });

  test('and without words or checks either is listed as doing nothing', () => {
    const { A } = covered(strategyOf(stepOf('A', 1, 'estimated_duration: 1 hour')));
    expect(A).toMatch(/^not-carried-out: does nothing/);
  });

  test('that only validates is carried out by its checks, and asks for its method when it has none', () => {
    const method = 'execution_details: { method: Look at the dashboards }';
    const checked = `${method}\nvalidation: { validation_checks: ["$ true"] }`;
    expect(onlyStep(checked, 'validation').actions).toEqual([]);
    expect(covered(strategyOf(stepOf('A', 1, checked, 'validation')))).toMatchObject({
      'Look at the dashboards': 'not-carried-out: not asked: a validation step is carried out by its checks',
    });
    expect(onlyStep(method, 'validation').actions).toEqual([
      { kind: 'manual', items: ['Look at the dashboards'] },
    ]);
  });
});

describe('the way back', () => {
  test('of a step without actions is carried out when the strategy describes it', () => {
    const step = onlyStep('rollback_procedure: { rollback_steps: ["$ rm -f marker"] }');
    expect(step.undo).toMatchObject({ actions: [{ kind: 'command', text: 'rm -f marker' }] });
  });

  test('of a step without actions is not a point of no return, and check says so', () => {
    const fields = 'rollback_procedure: { can_rollback: false, rollback_steps: [Prose] }';
    expect(onlyStep(fields).undo).toEqual({ kind: 'nothing' });
    expect(covered(strategyOf(stepOf('A', 1, fields)))).toMatchObject({
      'can_rollback: false': expect.stringContaining('no actions to undo'),
    });
  });

  test('says which sentences a script replaces, and which it carries out', () => {
    const fields = `execution_details: { commands: [date] }
rollback_procedure: { rollback_script: b.sh, rollback_steps: ["$ rm x", "Tell them"] }`;
    expect(covered(strategyOf(stepOf('A', 1, fields)), { files: { 'b.sh': {} } })).toMatchObject({
      '$ rm x': 'not-carried-out: not run: b.sh runs instead',
      'Tell them': 'automated: carried out by b.sh',
    });
  });
});

describe('a rollback level', () => {
  const level = (procedure: string) =>
    strategyOf(
      stepOf('A', 1, 'execution_details: { commands: [date] }'),
      `rollback_strategy: { rollback_levels: [{ level: full, decision_maker: Lead, rollback_procedure: ${procedure} }] }`,
    );

  test('keeps the order of its steps, executable or not', () => {
    const plan = planOf({ strategy: level('{ steps: ["$ stop", "Call the vendor", "$ restore"] }') });
    expect(plan.levels[0]).toMatchObject({
      responsible: 'Lead',
      manualSteps: [],
      actions: [
        { kind: 'command', text: 'stop' },
        { kind: 'manual', items: ['Call the vendor'] },
        { kind: 'command', text: 'restore' },
      ],
    });
  });

  test('says what becomes of the steps beside its script', () => {
    const given = level('{ automation_script: back.sh, steps: ["$ stop", "Restore the backup"] }');
    expect(covered(given, { files: { 'back.sh': {} } })).toMatchObject({
      '$ stop': 'not-carried-out: not run: back.sh runs instead',
      'Restore the backup': 'automated: carried out by back.sh',
    });
  });
});

test.each([
  ['a manual step', 'execution_details: { manual_steps: [Push the button] }', ''],
  ['a method without commands', 'execution_details: { method: By hand }', ''],
  ['a description without commands', 'description: Push the button', ''],
  [
    'an undo by hand',
    'execution_details: { commands: [date] }\nrollback_procedure: { rollback_steps: [Call them] }',
    '',
  ],
  [
    'a manual step of a level',
    'execution_details: { commands: [date] }',
    'rollback_strategy: { rollback_levels: [{ level: full, rollback_procedure: { manual_steps: [Call them] } }] }',
  ],
])('an unattended run refuses %s', (_, fields, beside) => {
  const strategy = strategyOf(stepOf('A', 1, fields), beside);
  expect(troubles(compileText({ strategy, unbound: 'fail' }).problems)).toEqual([
    expect.stringMatching(/^unbound \//),
  ]);
});

test('a plan is another one when a script or a dataset has another content', () => {
  const fields = `execution_details: { automation_script: a.sh }
validation: { validation_script: v.sh, test_dataset_ids: [T-1] }
rollback_procedure: { rollback_script: b.sql }`;
  const strategy = strategyOf(stepOf('A', 1, fields), 'linkage: { test_datasets_dir: tests }');
  const hashWith = (changed: string | null): string => {
    const names = ['a.sh', 'v.sh', 'b.sql', 'tests/T-1.py'];
    const files = names.map((name) => [name, { sha256: name === changed ? 'new' : 'old' }] as const);
    const bindings = 'connections: { shop: { postgres: "${env:SHOP_DB}" } }';
    return planOf({ strategy, bindings, files: Object.fromEntries(files) }).hash;
  };
  const hashes = [null, 'a.sh', 'v.sh', 'b.sql', 'tests/T-1.py'].map(hashWith);
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(hashWith(null)).toBe(hashes[0]);
});

test('a script that cannot be read is an error: its content is part of the plan', () => {
  const strategy = strategyOf(stepOf('A', 1, 'execution_details: { automation_script: a.sh }'));
  expect(troubles(compileText({ strategy, files: { 'a.sh': { sha256: null } } }).problems)).toEqual([
    expect.stringMatching(/^unreadable-script /),
  ]);
});
