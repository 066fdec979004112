/** Small plans and views for the tests of the run's pure parts. */
import { initialView } from '../../../strategy/run/apply.js';
import type { PlanHead } from '../../../strategy/run/messages.js';
import { outlineOf, type StepOutline } from '../../../strategy/run/outline.js';
import type { MigrationView } from '../../../strategy/run/view.js';

export function headOf(phases: Readonly<Record<string, readonly string[]>>): PlanHead {
  return {
    format: 1,
    hash: 'abc',
    strategy: { name: 'sample', version: '1.0.0' },
    authority: { rollback: [], abort: [], pause: [], override: [] },
    bindings: {
      connections: {},
      metrics: {},
      roles: {},
      environment: {},
      forbidSelfApproval: false,
      watch: { intervalMs: 1000, failureLimit: 3 },
      channels: {},
    },
    constraints: [],
    prerequisites: [
      { id: 'PREREQ-1', name: 'Ready', owner: null, deadline: null, blocked: false, requirements: [] },
    ],
    phases: Object.entries(phases).map(([id, steps], index) => ({
      id,
      name: `phase ${id}`,
      startConditions: [],
      steps: steps.map(
        (step): StepOutline => ({
          id: step,
          name: `step ${step}`,
          type: 'configuration',
          undo: { kind: 'actions' },
        }),
      ),
      gate: {
        id: `GATE-${index + 1}`,
        name: 'gate',
        requirements: [],
        approval: null,
        failureResponse: 'rollback',
      },
      pointOfNoReturn: false,
    })),
    completion: { requirements: [], approval: null },
    notices: [],
    levels: [],
  };
}

export function viewOf(phases: Readonly<Record<string, readonly string[]>>): MigrationView {
  return initialView('run-1', {
    type: 'run-started',
    at: '2026-01-01T00:00:00.000Z',
    by: 'alice',
    plan: 'abc',
    steps: Object.values(phases).flat().length,
    compress: 1,
    onFailure: 'strategy',
    outline: outlineOf(headOf(phases)),
  });
}
