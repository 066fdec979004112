import { describe, expect, test } from 'vitest';
import type { PlannedStep } from '../../strategy/plan.js';
import { phase, step, strategy } from '../support/strategies.js';
import { compileText, type Given, planOf, stepOf, strategyOf, troubles } from './support/compile-text.js';

const DB = 'connections: { shop: { postgres: "${env:SHOP_DB}" } }';
const METRICS = `${DB}
metrics: { error_rate: { unit: ratio, command: rate }, accuracy: { unit: percent, command: accuracy } }
checks: { "Take it back": { command: take-back }, "Look at {word}": { command: look }, "It burns": { command: burns } }
`;

function stepFrom(
  fields: string,
  more: Omit<Partial<Given>, 'strategy'> & { beside?: string } = {},
): PlannedStep {
  const { beside, ...given } = more;
  const plan = planOf({ bindings: DB, ...given, strategy: strategyOf(stepOf('A', 1, fields), beside) });
  const step = plan.phases[0]?.steps[0];
  if (step === undefined) throw new Error('the plan has no step');
  return step;
}

function troublesFrom(fields: string, more: Omit<Partial<Given>, 'strategy'> = {}): string[] {
  const { problems } = compileText({ bindings: DB, ...more, strategy: strategyOf(stepOf('A', 1, fields)) });
  return troubles(problems).map((line) => line.replace('/migration_phases/0/steps/0', ''));
}

describe('actions', () => {
  test('statements that follow each other commit together, and a command between them parts them', () => {
    const { actions } = stepFrom(`execution_details:
  commands: ["alter table a add b int", "ALTER TABLE a ADD c int", "kubectl apply", "sql: notify x", "$ select-menu"]`);
    expect(actions).toEqual([
      { kind: 'sql', statements: ['alter table a add b int', 'ALTER TABLE a ADD c int'], connection: 'shop' },
      { kind: 'command', text: 'kubectl apply' },
      { kind: 'sql', statements: ['notify x'], connection: 'shop' },
      { kind: 'command', text: 'select-menu' },
    ]);
  });

  test('a statement that cannot run in a transaction stands alone', () => {
    const { actions } = stepFrom(`execution_details:
  commands: ["alter table a add b int", "create index concurrently i on a (b); alter table a add c int", "vacuum a"]`);
    expect(actions.map((action) => (action.kind === 'sql' ? action.statements : []))).toEqual([
      ['alter table a add b int'],
      ['create index concurrently i on a (b)'],
      ['alter table a add c int'],
      ['vacuum a'],
    ]);
  });

  test('commands win over the script beside them', () => {
    const step = stepFrom('execution_details: { commands: [date], automation_script: nowhere.sh }');
    expect(step.actions).toEqual([{ kind: 'command', text: 'date' }]);
  });

  test('scripts are found in the workspace, then in the folder of scripts', () => {
    const beside = 'linkage: { automation_scripts_dir: ./ops/ }';
    const step = stepFrom('execution_details: { automation_script: ./go.sh }', {
      beside,
      files: { 'ops/go.sh': {} },
    });
    expect(step.actions).toEqual([{ kind: 'script', path: 'ops/go.sh', sha256: 'hash of ops/go.sh' }]);
    const sql = stepFrom('execution_details: { automation_script: m/1.sql }', {
      files: { 'm/1.sql': { shebang: false } },
    });
    expect(sql.actions).toEqual([
      { kind: 'sql-script', path: 'm/1.sql', sha256: 'hash of m/1.sql', connection: 'shop' },
    ]);
  });

  test('what only people can do comes last; a method alone is a manual step', () => {
    expect(stepFrom('execution_details: { manual_steps: [one, two], commands: [date] }').actions).toEqual([
      { kind: 'command', text: 'date' },
      { kind: 'manual', items: ['one', 'two'] },
    ]);
    expect(stepFrom('execution_details: { method: By hand }').actions).toEqual([
      { kind: 'manual', items: ['By hand'] },
    ]);
  });

  test.each([
    ['a missing script', 'automation_script: go.sh', {}, 'missing-script'],
    [
      'a script outside',
      'automation_script: ../go.sh',
      { '../go.sh': { outside: true } },
      'outside-workspace',
    ],
    [
      'a script without its run bit',
      'automation_script: go.sh',
      { 'go.sh': { executable: false } },
      'not-executable',
    ],
    [
      'a file that is no script',
      'automation_script: go.txt',
      { 'go.txt': { executable: false, shebang: false } },
      'unknown-script-kind',
    ],
    ['a folder', 'automation_script: go', { go: { kind: 'folder' as const } }, 'not-a-script'],
  ])('%s is an error', (_, fields, files, code) => {
    expect(troublesFrom(`execution_details: { ${fields} }`, { files })).toEqual([
      `${code} /execution_details/automation_script`,
    ]);
  });

  test('a missing script comes with the one that was meant', () => {
    const { problems } = compileText({
      strategy: strategyOf(stepOf('A', 1, 'execution_details: { automation_script: scripts/backup.sh }')),
      files: { 'scripts/back-up.sh': {} },
    });
    expect(problems[0]?.advice).toBe('Did you mean "scripts/back-up.sh"?');
  });

  test('checks and transaction control are no commands', () => {
    expect(troublesFrom('execution_details: { commands: ["http: GET http://x -> 200"] }')).toEqual([
      'not-an-action /execution_details/commands/0',
    ]);
    expect(troublesFrom('execution_details: { commands: ["begin; select 1; commit"] }')).toEqual([
      'transaction-control /execution_details/commands/0',
    ]);
  });

  test('every problem is reported at once', () => {
    const fields = `estimated_duration: observation by all
execution_details: { automation_script: a.sh }
validation: { validation_script: b.sh }
rollback_procedure: { rollback_script: c.sh }`;
    expect(troublesFrom(fields)).toHaveLength(4);
  });
});

describe('validation', () => {
  test('a validation script covers the prose; what a machine can evaluate is evaluated as well', () => {
    const step = stepFrom(
      `validation: { validation_script: v.sh, validation_checks: [Prose, "$ true"], success_criteria: ["Error rate < 1%"] }`,
      { bindings: METRICS, files: { 'v.sh': {} } },
    );
    expect(step.checks.map(({ probe }) => probe.how)).toEqual(['script', 'covered', 'command', 'metric']);
  });

  test.each(['v.sh', './v.sh', 'ops/v.sh'])(
    'the prose is covered by the script that %s leads to',
    (written) => {
      const step = stepFrom(`validation: { validation_script: ${written}, validation_checks: [Prose] }`, {
        beside: 'linkage: { automation_scripts_dir: ops }',
        files: { 'ops/v.sh': {} },
      });
      expect(step.checks.map(({ probe }) => probe)).toEqual([
        { how: 'script', path: 'ops/v.sh', sha256: 'hash of ops/v.sh' },
        { how: 'covered', by: 'ops/v.sh' },
      ]);
    },
  );

  test('unwatched metrics and alerts that nobody can sample are asked of a person', () => {
    const step = stepFrom('monitoring: { metrics_to_watch: [load], alert_conditions: [It smells] }');
    expect(step.watch).toBeNull();
    expect(step.checks).toEqual([
      { text: 'no alert: It smells', probe: { how: 'person' } },
      { text: 'watched: load', probe: { how: 'person' } },
    ]);
  });
});

describe('the way back', () => {
  const ACTS = 'execution_details: { commands: [date] }\n';

  test('a script wins; without one, executable steps run and prose is asked, in order', () => {
    const script = stepFrom(`${ACTS}rollback_procedure: { rollback_script: b.sh, rollback_steps: [Prose] }`, {
      files: { 'b.sh': {} },
    });
    expect(script.undo).toMatchObject({
      kind: 'actions',
      actions: [{ kind: 'script', path: 'b.sh', sha256: 'hash of b.sh' }],
    });
    const steps = stepFrom(
      `${ACTS}rollback_procedure: { rollback_steps: ["$ one", Tell them, Take it back, "sql: select 1", kubectl undo] }`,
      { bindings: METRICS },
    );
    expect(steps.undo).toEqual({
      kind: 'actions',
      actions: [
        { kind: 'command', text: 'one' },
        { kind: 'manual', items: ['Tell them'] },
        { kind: 'command', text: 'take-back' },
        { kind: 'sql', statements: ['select 1'], connection: 'shop' },
        { kind: 'manual', items: ['kubectl undo'] },
      ],
      checks: [],
    });
  });

  test('a rollback test is evaluated after the undo', () => {
    const step = stepFrom(`${ACTS}rollback_procedure: { rollback_steps: ["$ one"], rollback_test_id: T-1 }`, {
      bindings: 'datasets: { T-1: { command: test-it } }',
    });
    expect(step.undo).toMatchObject({
      checks: [{ text: 'dataset T-1', probe: { how: 'command', text: 'test-it' } }],
    });
  });

  test('the test of a rollback point is evaluated after the undo of the oldest step of the phase that has one', () => {
    const phaseOf = (steps: readonly object[]) =>
      JSON.stringify(strategy([phase('P1', 1, steps, { rollback_point: { rollback_test_id: 'T-1' } })]));
    const bindings = 'datasets: { T-1: { command: test-it } }';
    const written = phaseOf([step('S3', 3), step('S1', 1, { undo: null }), step('S2', 2)]);
    const { steps = [] } = planOf({ strategy: written, bindings }).phases[0] ?? {};
    expect(steps.map(({ id, undo }) => [id, undo.kind === 'actions' ? undo.checks.length : null])).toEqual([
      ['S1', null],
      ['S2', 1],
      ['S3', 0],
    ]);
    const nothing = compileText({ strategy: phaseOf([step('S1', 1, { undo: null })]), bindings });
    expect(nothing.coverage.sentences).toContainEqual(
      expect.objectContaining({
        pointer: '/migration_phases/0/rollback_point/rollback_test_id',
        kind: 'not-carried-out',
      }),
    );
  });

  test('there may be nothing to undo, no way, or none at all', () => {
    expect(stepFrom(ACTS).undo).toEqual({ kind: 'none' });
    expect(stepFrom('estimated_duration: 1 hour').undo).toEqual({ kind: 'nothing' });
    expect(stepFrom(`${ACTS}rollback_procedure: { can_rollback: false }`).undo).toEqual({
      kind: 'impossible',
    });
  });

  test('an expression with parameters cannot undo', () => {
    expect(
      troublesFrom(`${ACTS}rollback_procedure: { rollback_steps: [Look at it] }`, { bindings: METRICS }),
    ).toEqual(['not-an-action /rollback_procedure/rollback_steps/0']);
  });
});

describe('what is watched', () => {
  const beside = `rollback_strategy:
  rollback_levels:
    - { level: full, trigger_conditions: ["Error rate > 20%", "It burns", "The sky falls"] }
    - { level: step, trigger_conditions: ["Error rate > 5%"] }
monitoring_and_observability:
  migration_monitoring:
    - { metric_name: Error rate, normal_range: 0-0.1%, alert_threshold: 0.5%, critical_threshold: 1% }
    - { metric_name: Accuracy, normal_range: 100%, alert_threshold: 99.9% }
    - { metric_name: Not bound, alert_threshold: 1% }`;

  test('the farthest level comes first, then alerts, then thresholds in the direction away from normal', () => {
    const step = stepFrom(
      'monitoring: { metrics_to_watch: [Error Rate], alert_conditions: ["error_rate > 0.5%", It burns] }',
      {
        bindings: METRICS,
        beside,
      },
    );
    expect(step.watch?.metrics).toEqual(['error_rate']);
    expect(step.watch?.conditions.map(({ text, level }) => [level, text])).toEqual([
      ['full', 'Error rate > 20%'],
      ['full', 'It burns'],
      ['step', 'Error rate > 5%'],
      [null, 'error_rate > 0.5%'],
      [null, 'It burns'],
      [null, 'Error rate > 1% (critical threshold, direction from the normal range)'],
      [null, 'Error rate > 0.5% (alert threshold, direction from the normal range)'],
      [null, 'Accuracy < 99.9% (alert threshold, direction from the normal range)'],
    ]);
  });

  test('triggers that are not metrics are watched as well; unbound metrics are warned of', () => {
    const { plan, problems } = compileText({
      strategy: strategyOf(stepOf('A', 1, ''), beside),
      bindings: METRICS,
    });
    expect(
      plan?.levels.map(({ level, triggers }) => [level, triggers.map(({ probe }) => probe.how)]),
    ).toEqual([
      ['step', ['metric']],
      ['full', ['metric', 'command', 'person']],
    ]);
    expect(problems).toMatchObject([{ code: 'not-watched', severity: 'warning' }]);
  });
});

test('soak, timeout and retry come from the estimate and the x- keys', () => {
  const step = stepFrom(
    'estimated_duration: 3 days observation\nx-timeout: 5 minutes\nx-retry: 3\nx-idempotent: true',
  );
  expect(step).toMatchObject({
    soakMs: 3 * 86_400_000,
    timeoutMs: 300_000,
    retry: { attempts: 3, delayMs: 5000 },
    idempotent: true,
  });
  expect(stepFrom('x-retry: { attempts: 2, delay: 1s }').retry).toEqual({ attempts: 2, delayMs: 1000 });
  expect(stepFrom('estimated_duration: 3 hours')).toMatchObject({ soakMs: 0, timeoutMs: 86_400_000 });
  expect(stepFrom('estimated_duration: 3 days')).toMatchObject({ soakMs: 0, timeoutMs: 6 * 86_400_000 });
});

describe('phases and steps run in their order, whatever their place in the file', () => {
  test('and problems point to the place in the file', () => {
    const steps = [
      stepOf('B', 2, ''),
      stepOf('A', 1, 'execution_details: { automation_script: no.sh }'),
    ].join('\n');
    const { problems } = compileText({ strategy: strategyOf(steps) });
    expect(troubles(problems)).toEqual([
      'missing-script /migration_phases/0/steps/1/execution_details/automation_script',
    ]);
    const plan = planOf({ strategy: strategyOf([stepOf('B', 2, ''), stepOf('A', 1, '')].join('\n')) });
    expect(plan.phases[0]?.steps.map(({ id }) => id)).toEqual(['A', 'B']);
  });
});
