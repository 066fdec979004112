/**
 * A new kind of effect or probe is one module and one line on either side. The compiler proves it: with one more member in
 * the unions of the plan, the only files of the product that no longer compile are the registries.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const SOURCES = [
  ...[
    'tsconfig.json',
    'package.json',
    'schemas',
    'strategy',
    'workflows',
    'activities',
    'worker',
    'client',
    'databases',
  ],
  ...['rehearsal', 'cli', 'web'],
];

/** The files of the product that do not compile when these say something else. */
async function brokenBy(changes: readonly Change[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-kinds-'));
  try {
    for (const source of SOURCES) cpSync(join(ROOT, source), join(folder, source), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    for (const { file, from, to } of changes) {
      const text = readFileSync(join(folder, file), 'utf8');
      expect(text).toContain(from);
      writeFileSync(join(folder, file), text.replace(from, to));
    }
    const tsc = join(ROOT, 'node_modules/typescript-native/bin/tsc');
    const { stdout } = await execa(process.execPath, [tsc, '--noEmit', '--pretty', 'false'], {
      ...{ cwd: folder, reject: false },
    });
    const broken = stdout.split('\n').flatMap((line) => /^([^\s(]+)\(\d+,\d+\): error/.exec(line)?.[1] ?? []);
    return [...new Set(broken)].toSorted();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a new kind of effect or probe is demanded by the registries, and by nothing else', async () => {
  const broken = await brokenBy([
    {
      file: 'strategy/plan/actions.ts',
      from: 'export type Action =\n',
      to: "export type Action =\n  | { readonly kind: 'copy'; readonly table: string }\n",
    },
    {
      file: 'strategy/plan/probes.ts',
      from: 'export type MachineProbe = { readonly inverted?: true } & (',
      to: "export type MachineProbe = { readonly inverted?: true } & ({ readonly how: 'kafka'; readonly topic: string }",
    },
  ]);
  expect(broken).toEqual([
    'activities/effects/index.ts',
    'activities/probes/index.ts',
    'strategy/kinds/effects/index.ts',
    'strategy/kinds/probes/index.ts',
  ]);
});
