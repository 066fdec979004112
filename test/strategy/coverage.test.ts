import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { renderCoverage } from '../../strategy/render/coverage.js';
import { compileText } from './support/compile-text.js';

/** Every place of the carried-out part that asks for something, as patterns of pointers. */
const ASKING: readonly RegExp[] = [
  /^\/migration_overview\/constraints\/(?:migration_window|business_constraints\/\d+)$/,
  /^\/prerequisites\/\d+\/validation\/(?:verification_method|verification_test_id)$/,
  /^\/migration_phases\/\d+\/start_condition\/\d+$/,
  /^\/migration_phases\/\d+\/steps\/\d+\/preconditions\/\d+$/,
  /^\/migration_phases\/\d+\/steps\/\d+\/execution_details\/(?:commands\/\d+|manual_steps\/\d+|automation_script)$/,
  /^\/migration_phases\/\d+\/steps\/\d+\/validation\/(?:validation_script|(?:validation_checks|success_criteria|test_dataset_ids)\/\d+)$/,
  /^\/migration_phases\/\d+\/steps\/\d+\/rollback_procedure\/(?:rollback_script|rollback_test_id|rollback_steps\/\d+)$/,
  /^\/migration_phases\/\d+\/steps\/\d+\/monitoring\/(?:metrics_to_watch|alert_conditions)\/\d+$/,
  /^\/migration_phases\/\d+\/validation_gate\/(?:approval_required|(?:criteria|test_dataset_ids)\/\d+)$/,
  /^\/migration_phases\/\d+\/rollback_point\/(?:rollback_procedure|rollback_test_id)$/,
  /^\/rollback_strategy\/rollback_levels\/\d+\/trigger_conditions\/\d+$/,
  /^\/rollback_strategy\/rollback_levels\/\d+\/rollback_procedure\/(?:automation_script|(?:steps|manual_steps)\/\d+)$/,
  /^\/rollback_strategy\/rollback_levels\/\d+\/validation\/(?:post_rollback_checks|test_dataset_ids)\/\d+$/,
  /^\/success_criteria\/(?:technical|business)_success\/\d+\/(?:criterion|test_dataset_id)$/,
  /^\/success_criteria\/migration_complete_definition\/(?:approval_required|(?:criteria|validation_required)\/\d+)$/,
  /^\/monitoring_and_observability\/migration_monitoring\/\d+\/(?:metric_name|alert_channels\/\d+)$/,
];

function* leaves(value: unknown, pointer = ''): Generator<string> {
  // Blank entries ask for nothing.
  if (value === null || value === undefined || value === '') return;
  if (typeof value !== 'object') yield pointer;
  else for (const [key, member] of Object.entries(value)) yield* leaves(member, `${pointer}/${key}`);
}

function expectEachOnce(
  strategy: string,
  value: unknown,
  more: { bindings?: string; files?: Record<string, object> },
) {
  const { coverage } = compileText({ strategy, ...more });
  const covered = coverage.sentences.map(({ pointer }) => pointer);
  expect(covered).toHaveLength(new Set(covered).size);
  const asking = [...leaves(value)].filter((pointer) => ASKING.some((pattern) => pattern.test(pointer)));
  expect(asking.filter((pointer) => !covered.includes(pointer))).toEqual([]);
  return { coverage, asking };
}

/** A strategy that asks in every way there is. */
const EVERYTHING = {
  metadata: { version: '1.0.0' },
  migration_overview: {
    constraints: { migration_window: 'At night', business_constraints: ['Not on Sundays'] },
  },
  prerequisites: [
    {
      prerequisite_id: 'P-1',
      validation: { verification_method: 'Signed', verification_test_id: 'T-1', status: 'verified' },
    },
    { prerequisite_id: 'P-2', name: 'Agreed' },
  ],
  migration_phases: [
    {
      phase_id: 'PHASE-1',
      name: 'One',
      order: 1,
      start_condition: ['P-2 verified', 'Calm'],
      steps: [
        {
          step_id: 'S-1',
          name: 'A',
          order: 1,
          type: 'configuration',
          preconditions: ['$ true', 'Ready'],
          execution_details: {
            commands: ['date', '', 'select 1'],
            automation_script: 'a.sh',
            manual_steps: ['Look'],
          },
          validation: {
            validation_checks: ['Fine', 'S-0 done'],
            success_criteria: ['Good'],
            test_dataset_ids: ['T-1', 'T-2'],
            validation_script: 'v.sh',
          },
          rollback_procedure: {
            can_rollback: true,
            rollback_steps: ['Back'],
            rollback_script: 'no.sh',
            rollback_test_id: 'T-1',
          },
          estimated_duration: '2 days observation',
          responsible_party: 'Ops',
          monitoring: { metrics_to_watch: ['load', 'rate'], alert_conditions: ['rate > 1%', 'Smoke'] },
        },
        {
          step_id: 'S-2',
          name: 'B',
          order: 2,
          type: 'configuration',
          execution_details: { method: 'By hand' },
          rollback_procedure: { can_rollback: false, rollback_steps: ['Never'], rollback_test_id: 'T-1' },
        },
      ],
      validation_gate: {
        gate_id: 'G-1',
        criteria: ['Good'],
        test_dataset_ids: ['T-1'],
        approval_required: true,
        approvers: ['Boss'],
      },
      rollback_point: { can_rollback_from_here: false, rollback_procedure: 'Back', rollback_test_id: 'T-1' },
    },
  ],
  rollback_strategy: {
    rollback_levels: [
      {
        level: 'phase',
        trigger_conditions: ['rate > 5%', 'Fire'],
        decision_maker: 'Boss',
        approval_required: true,
        rollback_procedure: { steps: ['$ one', 'Two'], manual_steps: ['Three'] },
        validation: { post_rollback_checks: ['As before'], test_dataset_ids: ['T-1'] },
      },
      { level: 'full', rollback_procedure: { steps: ['One'], automation_script: 'a.sh' } },
    ],
    rollback_testing: [{ rollback_scenario: 'x', tested: true }],
  },
  success_criteria: {
    technical_success: [{ criterion: 'Up', measurement: 'rate', target: '< 1%', test_dataset_id: 'T-1' }],
    business_success: [{ criterion: 'Sold', target: 'a lot', measurement_period: 'a week' }],
    migration_complete_definition: {
      criteria: ['Done'],
      validation_required: ['T-1'],
      approval_required: true,
      approvers: ['Boss'],
    },
  },
  monitoring_and_observability: {
    migration_monitoring: [
      { metric_name: 'rate', alert_threshold: '2%', alert_channels: ['#a'] },
      { metric_name: 'unbound', alert_threshold: '> 2%' },
    ],
    dashboards: [{ dashboard_name: 'D' }],
  },
  post_migration: { cleanup_tasks: [{ task_id: 'C-1' }, { task_id: 'C-2' }] },
};

const BINDINGS = `connections: { db: { postgres: "\${env:DB}" } }
metrics: { rate: { command: rate } }
datasets: { T-1: { command: t } }`;

describe('every sentence that asks for something is covered exactly once', () => {
  const text = JSON.stringify(EVERYTHING, null, 1);

  test('with bindings and files', () => {
    const files = { 'a.sh': {}, 'v.sh': {} };
    const { asking } = expectEachOnce(text, EVERYTHING, { bindings: BINDINGS, files });
    expect(asking.length).toBeGreaterThan(45);
  });

  test('without anything, problems and all', () => {
    expectEachOnce(text, EVERYTHING, {});
  });

  const spec = new URL('../../../shared/spec/discount-code.migration-strategy.yaml', import.meta.url);
  test.skipIf(!existsSync(spec))("in the specification's own example", () => {
    const strategy = readFileSync(spec, 'utf8');
    const { coverage } = compileText({ strategy });
    const pointers = coverage.sentences.map(({ pointer }) => pointer);
    expect(pointers).toHaveLength(new Set(pointers).size);
    expect(coverage.counts.person).toBeGreaterThan(0);
  });
});

test('counts add up, positions are those of the file, and sections that wait are named', () => {
  const text = JSON.stringify(EVERYTHING, null, 1);
  const { coverage } = compileText({ strategy: text, bindings: BINDINGS, files: { 'a.sh': {}, 'v.sh': {} } });
  const total = Object.values(coverage.counts).reduce((sum, count) => sum + count, 0);
  expect(total).toBe(coverage.sentences.length);
  const line = text.split('\n').findIndex((each) => each.includes('"At night"')) + 1;
  expect(coverage.sentences.find(({ text: sentence }) => sentence === 'At night')?.position.line).toBe(line);
  expect(coverage.otherSections).toContain('rollback_strategy.rollback_testing: 1 item');
  expect(renderCoverage(coverage, { all: false })).toContain('rollback_strategy.rollback_testing: 1 item');
  const all = renderCoverage(coverage, { all: true });
  expect(all).toContain(`strategy.yaml:${line}: asked`);
  expect(all.split('\n').filter((each) => each.startsWith('strategy.yaml:'))).toHaveLength(total);
});
