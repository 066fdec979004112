/** What happened in a run is filled into the strategy, and nothing else of it changes. */
import { expect, test } from 'vitest';
import { exportStrategy, missingFrom } from '../../../strategy/export/export.js';
import { parseStrategy } from '../../../strategy/parse.js';
import type { RollbackTest } from '../../../strategy/rehearsal/result.js';
import type {
  MigrationView,
  PhaseStatus,
  PrerequisiteStatus,
  StepStatus,
} from '../../../strategy/run/view.js';
import { validateStrategy } from '../../../strategy/validate.js';
import { viewOf as blankView } from '../run/sample.js';

const FILE = `# The discount migration
metadata:
  version: "1.0.0"   # by hand
  migration_status: 'planned'
  last_updated: "2026-11-01"

prerequisites:
  - prerequisite_id: PRE-1
    validation: { verification_method: "Look",   status: pending }   # soon
  - prerequisite_id: PRE-2
    validation:
      verification_method: Ask

migration_phases:
  - { phase_id: PHASE-1, name: Phase, order: 1, steps: [{ step_id: STEP-1, name: Step, order: 1, type: configuration }] }
  - { phase_id: PHASE-2, name: Phase, order: 2, steps: [{ step_id: STEP-2, name: Step, order: 1, type: configuration }] }

rollback_strategy:
  rollback_testing:
    - rollback_scenario: "By hand"   # last year
      tested: true
      test_result: passed

execution_timeline:
  milestones:
    - milestone_id: M-1
      dependencies: [PHASE-1]
      status: not_started
    - milestone_id: M-2
      dependencies:
        - M-1
        - STEP-2
      target_date: 2026-11-20
    - milestone_id: M-3
      dependencies: [The board agrees]
`;

function documentOf(text: string) {
  const parsed = parseStrategy(text, 'strategy.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const validated = validateStrategy(parsed.value);
  if (!validated.ok) throw new Error(JSON.stringify(validated.problems));
  return validated.document;
}

const TEST: RollbackTest = {
  rollback_scenario: 'STEP-1.1.after: STEP-1 fails after "x"',
  tested: true,
  test_date: '2026-11-24T10:00:00.000Z',
  test_result: 'passed',
  evidence: 'Restored. See evidence/STEP-1.1.after.',
};

interface State {
  readonly status?: MigrationView['status'];
  readonly asOf: string;
  readonly prerequisites?: Readonly<Record<string, PrerequisiteStatus>>;
  readonly first: PhaseStatus & StepStatus;
}

/** A run of the file whose first phase and step have this status, and whose second has not begun. */
function viewOf({ status = 'running', asOf, prerequisites = {}, first }: State): MigrationView {
  const view = blankView({ 'PHASE-1': ['STEP-1'], 'PHASE-2': ['STEP-2'] });
  const [one, ...others] = view.phases;
  if (one === undefined) throw new Error('no phase');
  return {
    ...view,
    status,
    asOf,
    prerequisites: Object.entries(prerequisites).map(([id, state]) => ({
      id,
      name: id,
      status: state,
      reason: '',
      requirements: [],
    })),
    phases: [
      { ...one, status: first, steps: one.steps.map((step) => ({ ...step, status: first })) },
      ...others,
    ],
  };
}

function halfWay(): MigrationView {
  return viewOf({
    asOf: '2026-11-25T09:00:00.000Z',
    prerequisites: { 'PRE-1': 'verified', 'PRE-2': 'waiting' },
    first: 'completed',
  });
}

test('statuses, dates, milestones and rollback tests are filled in; every other byte stays', () => {
  const exported = exportStrategy(FILE, documentOf(FILE), { view: halfWay(), tests: [TEST] });
  const expected = FILE.replace("'planned'", "'in_progress'")
    .replace('"2026-11-01"', '"2026-11-25"')
    .replace('status: pending }', 'status: verified }')
    .replace('verification_method: Ask\n', 'verification_method: Ask\n      status: pending\n')
    .replace('status: not_started', 'status: completed')
    .replace('target_date: 2026-11-20\n', 'target_date: 2026-11-20\n      status: delayed\n')
    .replace(
      '      test_result: passed\n',
      `      test_result: passed
    - rollback_scenario: 'STEP-1.1.after: STEP-1 fails after "x"'
      tested: true
      test_date: 2026-11-24T10:00:00.000Z
      test_result: passed
      evidence: Restored. See evidence/STEP-1.1.after.
`,
    );
  expect(exported.text).toBe(expected);
  expect(exported.left).toEqual([
    {
      field: 'execution_timeline.milestones.2.status',
      why: 'it depends on "The board agrees", which is no id of this strategy',
    },
  ]);
});

test('a rollback test with the dataset of a rollback point is filled in, whatever its scenario is called', () => {
  const file = FILE.replace(
    '      test_result: passed\n',
    '      test_result: passed\n    - { rollback_scenario: Back from phase 1, tested: false, test_dataset_id: T-3, test_result: failed }\n',
  );
  const test = { ...TEST, rollback_scenario: 'PHASE-1.rollback-point: back', test_dataset_id: 'T-3' };
  const { text } = exportStrategy(file, documentOf(file), { view: halfWay(), tests: [test] });
  expect(documentOf(text).rollback_strategy?.rollback_testing?.[1]).toEqual({
    rollback_scenario: 'Back from phase 1',
    ...{ tested: true, test_dataset_id: 'T-3', test_result: 'passed' },
    ...{ test_date: TEST.test_date, evidence: TEST.evidence },
  });
  expect(documentOf(text).rollback_strategy?.rollback_testing).toHaveLength(2);
});

test('exporting again changes nothing', () => {
  const outcome = { view: halfWay(), tests: [TEST] };
  const { text } = exportStrategy(FILE, documentOf(FILE), outcome);
  const again = exportStrategy(text, documentOf(text), outcome);
  expect(again.changed).toEqual([]);
  expect(again.text).toBe(text);
});

test('what was undone is reported as not started, and the migration as rolled back', () => {
  const view = viewOf({ status: 'rolled_back', asOf: '2026-11-19T09:00:00.000Z', first: 'rolled_back' });
  const { changed } = exportStrategy(FILE, documentOf(FILE), { view, tests: [] });
  expect(changed.map(({ field, to }) => `${field} ${to}`)).toEqual([
    'metadata.migration_status rolled_back',
    'metadata.last_updated 2026-11-19',
    'execution_timeline.milestones.1.status not_started',
  ]);
});

test('a file that lacks a step of the run is not its strategy', () => {
  expect(missingFrom(documentOf(FILE), halfWay())).toBeNull();
  const other = documentOf(FILE.replaceAll('STEP-2', 'STEP-3'));
  expect(missingFrom(other, halfWay())).toBe('the step STEP-2');
});
