/** What a strategy says about downtime, in its plan and in `check`. */
import { expect, test } from 'vitest';
import { renderPlan } from '../../strategy/render/plan.js';
import type { JsonObject } from './sample.js';
import { compileText } from './support/compile-text.js';

function compiled(constraints: JsonObject, downtime: JsonObject | null) {
  const uses = downtime === null ? {} : { 'x-uses': ['DATA-1'] };
  const step = { step_id: 'A', name: 'Move', order: 1, type: 'data_migration', ...uses };
  const { plan, problems, coverage } = compileText({
    strategy: JSON.stringify({
      metadata: { version: '1.0.0' },
      migration_overview: { name: 'Shop', constraints },
      migration_phases: [{ phase_id: 'P', name: 'P', order: 1, steps: [step] }],
      data_migration: {
        migrations:
          downtime === null
            ? []
            : [
                {
                  migration_id: 'DATA-1',
                  name: 'Orders',
                  execution_plan: { execution_script: 'move.sh' },
                  rollback: { rollback_script: 'back.sh' },
                  downtime,
                },
              ],
      },
    }),
    bindings: '{}',
    files: { 'move.sh': {}, 'back.sh': {} },
  });
  if (plan === null) throw new Error(JSON.stringify(problems));
  return {
    plan,
    codes: problems.map(({ code }) => code),
    how: (text: string) => coverage.sentences.find((sentence) => sentence.text === text)?.how,
  };
}

test('downtime that an item declares is measured against the limit, and reviewers see both', () => {
  const { plan, codes, how } = compiled(
    { downtime_allowed: true, max_downtime_duration: '10 minutes' },
    { required: true, duration: '5 minutes' },
  );
  expect(plan.downtime).toEqual({ limitMs: 600_000 });
  expect(plan.phases[0]?.steps[0]?.downtime).toEqual({ plannedMs: 300_000 });
  expect(codes).not.toContain('downtime-too-long');
  expect(how('10 minutes')).toContain('measured in A');
  const text = renderPlan(plan);
  expect(text).toContain('down     the service is down until the step is done, for 5 minutes as planned');
  expect(text).toContain('downtime of 10 minutes is allowed');
});

test('check warns of downtime that cannot fit, and of some where none is allowed', () => {
  expect(
    compiled({ max_downtime_duration: '1 minute' }, { required: true, duration: '5 minutes' }).codes,
  ).toContain('downtime-too-long');
  const none = compiled({ downtime_allowed: false, max_downtime_duration: '9 minutes' }, { required: true });
  expect(none.codes).toContain('downtime-not-allowed');
  expect(none.plan.downtime).toEqual({ limitMs: 0 });
  expect(compiled({ max_downtime_duration: 'a moment' }, { required: true }).codes).toContain('bad-duration');
});

test('without a step that declares downtime, none is measured, and check says so', () => {
  const { plan, codes, how } = compiled(
    { downtime_allowed: false, max_downtime_duration: '0 minutes' },
    null,
  );
  expect(plan.downtime).toBeUndefined();
  expect(codes).toEqual([]);
  expect(how('0 minutes')).toContain('no step uses an item that declares downtime');
});
