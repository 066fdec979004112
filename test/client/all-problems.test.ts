import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readStrategy } from '../../client/read.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-problems-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what the schema refuses hides neither a double id, nor a missing script, nor a gate without approvers', async () => {
  const file = join(folder, 'migration-strategy.yaml');
  writeFileSync(
    file,
    `metadata: { version: "1.0.0" }
migration_overview: { nmae: "x" }
migration_phases:
  - phase_id: P1
    name: One
    order: 1
    steps:
      - { step_id: A, name: a, order: 1, type: configurtion, execution_details: { commands: ["true"] } }
      - { step_id: A, name: b, order: 2, type: configuration, execution_details: { automation_scrpt: nope.sh } }
    validation_gate: { gate_id: G, name: g, approval_required: true }
`,
  );
  const { plan, coverage, problems } = await readStrategy(file);
  expect({ plan, coverage }).toEqual({ plan: null, coverage: null });
  const errors = problems.filter(({ severity }) => severity === 'error');
  expect(errors.map(({ position, code }) => `${position.line} ${code}`)).toEqual([
    '2 unknown-key',
    '8 not-allowed',
    '9 duplicate-id',
    '9 missing-script',
    '9 unknown-key',
    '10 no-approvers',
  ]);
});

/** `file:line severity code` of everything that is found. */
async function problemsWith(strategy: string, bindings: string, strict = false): Promise<string[]> {
  const file = join(folder, 'other.yaml');
  const bound = join(folder, 'bindings.yaml');
  writeFileSync(file, strategy);
  writeFileSync(bound, bindings);
  const { problems } = await readStrategy(file, { bindings: bound, strict });
  return problems.map((problem) => `${basename(problem.file)}:${problem.position.line} ${problem.code}`);
}

const BAD_BINDINGS = `roles: { Lead: { members: [ann], votes: 2 } }
windows: { Any time: { days: [mon], from: "10:00", to: "16:00", zone: Amerika/New_York } }
checks: { It works: { sql: "selec 1", connection: shop } }
connections: { shop: { postgres: "\${env:SHOP}" } }
`;

test('unreachable votes, a bad zone, a missing script and a condition that waits for itself appear with all other errors', async () => {
  const strategy = `metadata: { version: "1.0.0", migration_nmae: x }
migration_overview: { name: x, constraints: { migration_window: Any time } }
migration_phases:
  - phase_id: P-1
    order: 1
    steps:
      - step_id: STEP-1
        name: a
        order: 1
        type: configuration
        preconditions: ["STEP-1 successful"]
        execution_details: { automation_script: nope.sh }
`;
  const expected = [
    'bindings.yaml:1 too-many-votes',
    'bindings.yaml:2 unknown-zone',
    'bindings.yaml:3 bad-sql',
    'other.yaml:1 unknown-key',
    'other.yaml:4 missing-key',
    'other.yaml:11 never-holds',
    'other.yaml:12 missing-script',
  ];
  expect(await problemsWith(strategy, BAD_BINDINGS)).toEqual(expected);
  expect(await problemsWith(strategy, `${BAD_BINDINGS}nonsense: 1\n`)).toEqual([
    ...expected.slice(0, 3),
    'bindings.yaml:5 unknown-key',
    ...expected.slice(3),
  ]);
});

test('bindings are checked when the strategy cannot be read, and the strategy when the bindings cannot', async () => {
  expect(await problemsWith('a: [', BAD_BINDINGS)).toEqual([
    'bindings.yaml:1 too-many-votes',
    'bindings.yaml:2 unknown-zone',
    'bindings.yaml:3 bad-sql',
    'other.yaml:1 yaml-syntax',
  ]);
  const strategy = `metadata: { version: "1", migration_name: x }
migration_phases:
  - { phase_id: P-1, name: a, order: 1, steps: [{ step_id: S-1, name: a, order: 1, type: configuration, execution_details: { automation_script: nope.sh } }] }
`;
  expect(await problemsWith(strategy, 'a: [')).toEqual([
    'bindings.yaml:1 yaml-syntax',
    'other.yaml:3 missing-script',
  ]);
});

test('what stands in for a missing or wrong value is not reported itself', async () => {
  const strategy = `metadata: { version: 1, migration_name: x }
migration_phases:
  - phase_id: 5
    name: a
    order: first
    steps: [{ name: a, type: configuration, execution_details: { commands: ["true"] } }, { step_id: [], name: b, order: 1, type: configuration, execution_details: { commands: "true" } }]
    validation_gate: { gate_id: G-1, criteria: none, approval_required: true, approvers: Lead }
`;
  const found = await problemsWith(strategy, 'roles: {}');
  expect(new Set(found.map((line) => line.split(' ')[1]))).toEqual(new Set(['wrong-type', 'missing-key']));
});

test('with strict, a near miss is an error and there is no plan', async () => {
  const file = join(folder, 'strict.yaml');
  writeFileSync(
    file,
    `metadata: { version: "1", migration_name: x }
migration_phases:
  - { phase_id: P-1, name: a, order: 1, steps: [{ step_id: S-1, name: a, order: 1, type: configuration, x-timout: 5m, execution_details: { commands: ["true"] } }] }
`,
  );
  expect((await readStrategy(file)).plan).not.toBeNull();
  const { plan, problems } = await readStrategy(file, { strict: true });
  expect(plan).toBeNull();
  expect(problems.map(({ severity, code }) => `${severity} ${code}`)).toEqual(['error unknown-key']);
});
