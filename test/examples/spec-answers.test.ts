/** How much of the specification's own example is left to people, with the bindings of the example. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readStrategy } from '../../client/read.js';
import { prepareSpecWorkspace } from '../../examples/discount-code/spec-workspace.mjs';

/** The specification lies beside a checkout, where it is at all. */
const spec = fileURLToPath(
  new URL('../../../shared/spec/discount-code.migration-strategy.yaml', import.meta.url),
);

it.runIf(existsSync(spec))(
  'the example of the specification asks people for 13 of its sentences',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-spec-'));
    try {
      const { ok, coverage } = await readStrategy(prepareSpecWorkspace(folder, spec));
      expect(ok).toBe(true);
      const asked = coverage?.sentences.filter(({ kind }) => kind === 'person').map(({ text }) => text) ?? [];
      expect(asked.length, asked.join('\n')).toBeLessThanOrEqual(13);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
