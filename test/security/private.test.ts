/** What sluice keeps is its owner's alone. */
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Sandbox } from '../cli/sluice.js';
import { phase, step, strategy } from '../support/strategies.js';

test('nobody else may read or enter anything under SLUICE_HOME, also when it was there before', async () => {
  const sandbox = new Sandbox();
  const before = process.umask(0o000);
  try {
    chmodSync(sandbox.home, 0o755);
    const large = Array.from({ length: 3_000 }, (_, index) =>
      step(`LARGE-${index}`, index + 2, { commands: [`: ${'x'.repeat(400)}`], undo: [': back'] }),
    );
    const small = strategy([
      phase('PHASE-1', 1, [step('STEP-1', 1, { commands: ['$ echo done'], undo: null })]),
    ]);
    const ran = await sandbox.sluice([
      'run',
      sandbox.write('small/migration-strategy.yaml', small),
      '--id',
      'small',
    ]);
    expect(ran.code, ran.stderr).toBe(0);
    const stored = sandbox.start([
      'run',
      sandbox.write('large/migration-strategy.yaml', strategy([phase('PHASE-1', 1, large)])),
      '--id',
      'large',
    ]);
    await stored.until(/LARGE-1\b/);
    const found = everythingIn(sandbox.home);
    expect(found.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/engine\.json$/),
        expect.stringMatching(/engine\.db$/),
        expect.stringMatching(/output\.log$/),
        expect.stringMatching(/record\.jsonl$/),
        expect.stringMatching(/plans\/[0-9a-f]+\.json$/),
      ]),
    );
    expect(found.filter(({ open }) => open)).toEqual([]);
  } finally {
    process.umask(before);
    await sandbox.close();
  }
});

interface Found {
  readonly path: string;
  /** The permissions when somebody else has any; links have none of their own. */
  readonly open: string | null;
}

function everythingIn(path: string): Found[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isSymbolicLink()) return [];
  const open = (stat.mode & 0o077) === 0 ? null : (stat.mode & 0o777).toString(8);
  const below = stat.isDirectory() ? readdirSync(path).flatMap((name) => everythingIn(join(path, name))) : [];
  return [{ path, open }, ...below];
}
