import { expect, test } from 'vitest';
import { evaluateFact } from '../../../strategy/run/facts.js';
import type { MigrationView } from '../../../strategy/run/view.js';
import { viewOf } from './sample.js';

type GateStatus = NonNullable<MigrationView['phases'][number]['gate']>['status'];

/** A run of two phases whose gates GATE-1 and GATE-2 are in these states. */
function viewWith(...statuses: readonly GateStatus[]): MigrationView {
  const view = viewOf({ A: ['A-1'], B: ['B-1'] });
  const phases = view.phases.map(({ gate, ...phase }, index) => ({
    ...phase,
    gate: gate === null ? null : { ...gate, status: statuses[index] ?? 'pending' },
  }));
  return { ...view, phases };
}

test('all gates are passed when each is; at the last gate, when each of the others is', () => {
  const before = viewWith('passed', 'evaluating');
  expect(evaluateFact(before, { kind: 'all-gates-passed' }).verdict).toBe('fail');
  expect(evaluateFact(before, { kind: 'all-gates-passed', except: 'GATE-2' }).verdict).toBe('pass');
  expect(
    evaluateFact(viewWith('failed', 'evaluating'), { kind: 'all-gates-passed', except: 'GATE-2' }),
  ).toEqual({
    verdict: 'fail',
    evidence: 'not passed: GATE-1',
  });
});
