/** What must hold all the time: continuous validation, regression suites and health checks. */
import { expect, test } from 'vitest';
import { renderPlan } from '../../strategy/render/plan.js';
import { compileText, planOf, stepOf, strategyOf, troubles } from './support/compile-text.js';

const BINDINGS = `
metrics: { errors: { unit: percent, command: errors } }
datasets: { T-1: { command: date } }
checks: { "Row counts match": { command: date }, "Rows differ": { command: date, expect: pass } }
`;

const STEPS = [stepOf('STEP-1', 1, ''), stepOf('STEP-2', 2, '')].join('\n');

function given(beside: string) {
  return { strategy: strategyOf(STEPS, beside), bindings: BINDINGS };
}

function continuous(fields: string): string {
  return `validation_strategy:\n  continuous_validation:\n    - { validation_id: CV-1, name: Orders, ${fields} }`;
}

test('continuous validation is repeated at its frequency beside every step, and a failure fails the step', () => {
  const plan = planOf(
    given(continuous('frequency: Every 5 minutes, checks: ["Row counts match"], test_dataset_ids: [T-1]')),
  );
  for (const step of plan.phases.flatMap(({ steps }) => steps)) {
    expect(step.watch?.conditions).toMatchObject([
      {
        text: 'CV-1 (Orders) failed: Row counts match',
        everyMs: 300_000,
        onFire: 'fail',
        probe: { inverted: true },
      },
      {
        text: 'CV-1 (Orders) failed: dataset T-1',
        everyMs: 300_000,
        onFire: 'fail',
        probe: { inverted: true },
      },
    ]);
  }
  expect(renderPlan(plan)).toContain(', every 5 minutes; a failure fails the step');
});

test('its alert conditions fire when they hold, at the same frequency', () => {
  const plan = planOf(
    given(continuous('frequency: hourly, alert_conditions: ["errors > 5%", "Rows differ"]')),
  );
  expect(plan.phases[0]?.steps[0]?.watch?.conditions).toMatchObject([
    { text: 'CV-1 (Orders): errors > 5%', everyMs: 3_600_000, probe: { how: 'metric' } },
    { text: 'CV-1 (Orders): Rows differ', everyMs: 3_600_000, probe: { how: 'command' } },
  ]);
});

test('what no machine evaluates is asked at the completion, not dropped', () => {
  const compiled = compileText(given(continuous('frequency: hourly, checks: ["The books agree"]')));
  expect(compiled.plan?.completion.requirements).toEqual([
    { text: 'CV-1 (Orders): The books agree', probe: { how: 'person' } },
  ]);
  expect(compiled.coverage.sentences).toContainEqual(
    expect.objectContaining({ kind: 'person', how: 'asked at completion, whether it held throughout' }),
  );
});

test('a frequency that is not understood is pointed out, with the one that counts instead', () => {
  const { problems, plan } = compileText(
    given(continuous('frequency: now and then, checks: ["Row counts match"]')),
  );
  expect(troubles(problems)).toEqual([
    'unclear-frequency /validation_strategy/continuous_validation/0/frequency',
  ]);
  expect(plan?.phases[0]?.steps[0]?.watch?.conditions[0]?.everyMs).toBe(900_000);
});

test.each([
  ['Page the on-call', 'notify'],
  ['Notify #ops', 'notify'],
  ['Alert the team and roll back', 'fail'],
  ['Roll back', 'fail'],
])('a health check whose response is "%s": %s', (response, onFire) => {
  const checks = `{ check_name: Row counts match, frequency: every 30 seconds, failure_response: ${JSON.stringify(response)} }`;
  const plan = planOf(given(`monitoring_and_observability:\n  health_checks:\n    - ${checks}`));
  expect(plan.phases[0]?.steps[0]?.watch?.conditions).toMatchObject([
    { onFire, everyMs: 30_000, text: expect.stringContaining(`response: ${response}`) },
  ]);
});

test('regression suites are run before the first phase, at the completion, or beside the steps', () => {
  const suite = (id: string, when: string) =>
    `    - { regression_suite_id: ${id}, name: Shop, execution_frequency: ${when}, critical_paths: [Pay], test_dataset_ids: [T-1] }`;
  const plan = planOf(
    given(
      [
        'validation_strategy:',
        '  regression_validation:',
        suite('REG-1', 'pre_migration'),
        suite('REG-2', 'post_migration'),
        suite('REG-3', 'continuous'),
      ].join('\n'),
    ),
  );
  expect(plan.prerequisites).toMatchObject([
    {
      id: 'REG-1',
      requirements: [
        { text: 'dataset T-1', probe: { how: 'command' } },
        { text: 'Pay', probe: { how: 'covered', by: 'dataset T-1' } },
      ],
    },
  ]);
  expect(plan.completion.requirements).toMatchObject([
    { text: 'REG-2 (Shop): dataset T-1', probe: { how: 'command' } },
    { text: 'REG-2 (Shop): Pay', probe: { how: 'covered' } },
    { text: 'REG-3 (Shop): Pay', probe: { how: 'person' } },
  ]);
  expect(plan.phases[0]?.steps[0]?.watch?.conditions).toMatchObject([
    { text: 'REG-3 (Shop) failed: dataset T-1', probe: { inverted: true } },
  ]);
});
