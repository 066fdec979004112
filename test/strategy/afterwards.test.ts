/** What comes after the completion, as the plan has it. */
import { expect, test } from 'vitest';
import { renderPlan } from '../../strategy/render/plan.js';
import { compileText, planOf, stepOf, strategyOf } from './support/compile-text.js';

const BINDINGS = `
metrics: { errors: { unit: percent, command: errors } }
checks: { "It burns": { command: smell, expect: pass }, "Shop answers": { command: ask } }
`;

function given(post: object, beside = '') {
  const text = `post_migration: ${JSON.stringify(post)}\n${beside}`;
  return { strategy: strategyOf(stepOf('STEP-1', 1, ''), text), bindings: BINDINGS };
}

test('a cleanup task runs what is executable, asks the rest of its responsible party, and is a point of no return', () => {
  const steps = ['$ ./drop', 'Tell the auditors'];
  const input = given({
    cleanup_tasks: [
      {
        task_id: 'C-1',
        name: 'Drop',
        timing: '30 days after completion',
        responsible_party: 'DBA',
        steps,
        validation: 'Shop answers',
      },
    ],
  });
  expect(planOf(input).afterwards?.followUps).toMatchObject([
    {
      id: 'C-1',
      responsible: 'DBA',
      due: { kind: 'after', ms: 30 * 86_400_000 },
      irreversible: true,
      actions: [
        { kind: 'command', text: './drop' },
        { kind: 'manual', items: ['Tell the auditors'] },
      ],
      checks: [{ probe: { how: 'command' } }],
    },
  ]);
  expect(renderPlan(planOf(input))).toContain('a point of no return: a rollback does not take it back');
});

test('a timing that is understood in part is asked, and check says which words stopped it', () => {
  const task = { task_id: 'C-1', name: 'Drop', timing: '2 weeks after 100% rollout', steps: ['$ ./drop'] };
  const { plan, coverage } = compileText(given({ cleanup_tasks: [task] }));
  expect(plan?.afterwards?.followUps).toMatchObject([{ due: { kind: 'asked' } }]);
  expect(coverage.sentences).toContainEqual(
    expect.objectContaining({
      text: task.timing,
      kind: 'person',
      how: expect.stringContaining('"after 100% rollout"'),
    }),
  );
});

test('the monitoring period watches on what every step was watched for; its own sentences only alert', () => {
  const beside =
    'rollback_strategy: { rollback_levels: [{ level: full, trigger_conditions: ["It burns"] }] }';
  const watched = {
    duration: 'P14D',
    enhanced_monitoring: ['errors', 'errors > 5%', 'Shop answers', 'Mood'],
  };
  const [period] = planOf(given({ monitoring_period: watched }, beside)).afterwards?.followUps ?? [];
  expect(period).toMatchObject({
    kind: 'monitoring',
    durationMs: 14 * 86_400_000,
    sensitivity: 'normal',
    watch: {
      metrics: ['errors'],
      conditions: [
        { text: 'It burns', level: 'full', onFire: 'fail' },
        { text: 'errors > 5%', onFire: 'notify' },
        { text: 'failed: Shop answers', onFire: 'notify', probe: { inverted: true } },
      ],
    },
    asked: [{ text: expect.stringContaining('Mood') }],
  });
});

test('a plan without any of it is as it was', () => {
  expect(
    planOf({ strategy: strategyOf(stepOf('STEP-1', 1, '')), bindings: BINDINGS }).afterwards,
  ).toBeUndefined();
});
