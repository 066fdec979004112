/** Milestones and the critical path are shown with what is reached, late, and left. */
import { describe, expect, test } from 'vitest';
import { renderPlan } from '../../../strategy/render/plan.js';
import { initialView } from '../../../strategy/run/apply.js';
import { outlineOf } from '../../../strategy/run/outline.js';
import type { MigrationView } from '../../../strategy/run/view.js';
import { describeTimeline } from '../../../strategy/timeline/progress.js';
import { compileText, planOf, stepOf, strategyOf } from '../support/compile-text.js';

const STRATEGY = strategyOf(
  `${stepOf('A', 1, '')}\n${stepOf('B', 2, '')}`,
  `execution_timeline:
  milestones:
    - { milestone_id: M-1, name: Half, target_date: 2026-11-20, dependencies: [A] }
    - { milestone_id: M-2, target_date: 2026-11-30, dependencies: [M-1, B] }
  critical_path:
    - { step_id: A, duration: "2 hours" }
    - { step_id: B, duration: "30 minutes, then observe for 3 days" }
  contingency_time: { buffer_percentage: 20 }`,
);

/** A run whose steps have these statuses. */
function viewWith(statuses: Readonly<Record<string, 'pending' | 'running' | 'completed'>>): MigrationView {
  const plan = planOf({ strategy: STRATEGY });
  const view = initialView('run-1', {
    type: 'run-started',
    at: '2026-11-01T00:00:00.000Z',
    by: 'alice',
    plan: plan.hash,
    steps: 2,
    compress: 1,
    onFailure: 'strategy',
    outline: outlineOf(plan),
  });
  const phases = view.phases.map((phase) => ({
    ...phase,
    steps: phase.steps.map((step) => ({ ...step, status: statuses[step.id] ?? step.status })),
  }));
  return { ...view, phases };
}

test('the plan shows each milestone with its day, and how long the critical path is', () => {
  expect(renderPlan(planOf({ strategy: STRATEGY }))).toContain(`
Timeline
  M-1 Half by 2026-11-20: after A
  M-2 M-2 by 2026-11-30: after A, B
  critical path: A, B (3 days 2 hours, and a buffer of 20%)
`);
});

describe('the status', () => {
  test('names what is late, what is due, and the slack until the last milestone', () => {
    const now = new Date('2026-11-22T00:00:00Z');
    expect(describeTimeline(viewWith({ A: 'running' }), now)).toEqual([
      'M-1 Half: 0 of 1 done, late by 1d 00h',
      'M-2: 0 of 2 done, due in 9d 00h',
      'critical path: 0 of 2 steps done, 3 days 2 hours left, slack 5d 21h (buffer 20%)',
    ]);
  });

  test('counts down as steps complete, and says when the time is too short', () => {
    const now = new Date('2026-11-29T00:00:00Z');
    expect(describeTimeline(viewWith({ A: 'completed' }), now)).toEqual([
      'M-1 Half: reached',
      'M-2: 1 of 2 done, due in 2d 00h',
      'critical path: 1 of 2 steps done, 3 days 30 minutes left, 1d 00h more than there is time (buffer 20%)',
    ]);
    expect(describeTimeline(viewWith({ A: 'completed', B: 'completed' }), now)).toEqual([
      'M-1 Half: reached',
      'M-2: reached',
      'critical path: 2 of 2 steps done',
    ]);
  });
});

test('a duration that is not understood is listed, and the length is left out', () => {
  const strategy = STRATEGY.replace('"2 hours"', 'as long as it takes');
  const { plan, coverage } = compileText({ strategy });
  expect(coverage.sentences).toContainEqual(
    expect.objectContaining({
      text: 'as long as it takes',
      kind: 'not-carried-out',
      how: 'it is not understood',
    }),
  );
  expect(plan === null ? '' : renderPlan(plan)).toContain('critical path: A, B\n');
});
