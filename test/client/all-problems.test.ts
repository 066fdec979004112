import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
