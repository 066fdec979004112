import { expect, test } from 'vitest';
import { planOf, stepOf, strategyOf } from './support/compile-text.js';

test.each([
  ['2025-10-04T10:00:00+02', '2025-10-04T08:00:00.000Z'],
  ['2025-10-04T23:59:60Z', '2025-10-05T00:00:00.000Z'],
  ['20251004T100000', '2025-10-04T10:00:00.000Z'],
  ['2025-10-04', '2025-10-05T00:00:00.000Z'],
  ['2025-W40', '2025-10-06T00:00:00.000Z'],
  ['2025-10', '2025-11-01T00:00:00.000Z'],
])('the deadline %s is the instant %s in the plan, so that no run parses a date', (deadline, instant) => {
  const beside = `prerequisites: [{ prerequisite_id: PRE-1, deadline: "${deadline}" }]`;
  const plan = planOf({
    strategy: strategyOf(stepOf('A-1', 1, 'execution_details: { commands: [date] }'), beside),
  });
  expect(plan.prerequisites[0]?.deadline).toBe(instant);
});
