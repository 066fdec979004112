import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readStrategy } from '../../client/index.js';

const GOOD = {
  metadata: { version: '1.0.0', migration_name: 'good' },
  migration_phases: [
    {
      phase_id: 'PHASE-1',
      name: 'Phase',
      order: 1,
      steps: [
        {
          step_id: 'STEP-1',
          name: 'Step',
          order: 1,
          type: 'configuration',
          execution_details: { commands: ['$ true'] },
          validation: { validation_checks: ['The moon is full'] },
          rollback_procedure: { can_rollback: true, rollback_steps: ['$ true'] },
        },
      ],
    },
  ],
};

let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-read-'));
  file = join(folder, 'migration-strategy.yaml');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a strategy becomes a plan, with the bindings beside it, and the same plan every time', async () => {
  writeFileSync(file, JSON.stringify(GOOD));
  const alone = await readStrategy(file);
  expect(alone.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(alone.ok).toBe(true);
  expect(alone.workspace).toBe(folder);
  expect(alone.plan?.phases[0]?.steps[0]?.checks[0]?.probe.how).toBe('person');
  expect((await readStrategy(file)).plan?.hash).toBe(alone.plan?.hash);
  writeFileSync(
    join(folder, 'migration-bindings.yaml'),
    JSON.stringify({ checks: { 'The moon is full': { command: 'test -f moon' } } }),
  );
  const bound = await readStrategy(file);
  expect(bound.plan?.phases[0]?.steps[0]?.checks[0]?.probe).toMatchObject({ how: 'command' });
  expect(bound.plan?.hash).not.toBe(alone.plan?.hash);
});

test('unattended, a sentence for a person is an error', async () => {
  writeFileSync(file, JSON.stringify(GOOD));
  const checked = await readStrategy(file, { unbound: 'fail' });
  expect(checked.ok).toBe(false);
  expect(checked.plan).toBeNull();
  expect(checked.problems.some(({ message }) => message.includes('The moon is full'))).toBe(true);
});

test('problems of both files are told at once', async () => {
  writeFileSync(file, JSON.stringify({ ...GOOD, nonsense: 1 }));
  const bindings = join(folder, 'other.yaml');
  writeFileSync(bindings, 'nonsens: 1\n');
  const { plan, problems } = await readStrategy(file, { bindings });
  expect(plan).toBeNull();
  expect(new Set(problems.map((problem) => problem.file))).toEqual(new Set([file, bindings]));
});

test('a file that is not there, is a folder, is huge or is not UTF-8 is a problem with a place', async () => {
  const huge = join(folder, 'huge.yaml');
  writeFileSync(huge, 'a: 1\n');
  truncateSync(huge, 5_000_000_000);
  const latin = join(folder, 'latin.yaml');
  writeFileSync(latin, Buffer.from('name: Caf\xe9\n', 'latin1'));
  const cases = [
    [join(folder, 'missing.yaml'), 'does not exist'],
    [folder, 'not a file'],
    [huge, ''],
    [latin, 'UTF-8'],
  ] as const;
  for (const [path, part] of cases) {
    const { plan, problems } = await readStrategy(path);
    expect(plan).toBeNull();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      file: path,
      severity: 'error',
      message: expect.stringContaining(part),
    });
  }
  writeFileSync(file, JSON.stringify(GOOD));
  const missing = await readStrategy(file, { bindings: join(folder, 'missing.yaml') });
  expect(missing.plan).toBeNull();
});
