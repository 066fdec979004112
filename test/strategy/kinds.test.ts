/**
 * A new kind of effect or probe is one module and one line on either side. The compiler proves it: with one more member in
 * the unions of the plan, the only files of the product that no longer compile are the registries.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The files of the product that do not compile when these say something else. */
function brokenBy(changes: readonly Change[]): readonly string[] {
  const changed = new Map(
    changes.map(({ file, from, to }) => {
      const text = readFileSync(`${ROOT}${file}`, 'utf8');
      expect(text).toContain(from);
      return [`${ROOT}${file}`, text.replace(from, to)];
    }),
  );
  const config = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const checking = { ...options, noEmit: true, incremental: false, composite: false };
  const host = ts.createCompilerHost(checking);
  host.readFile = (name) => changed.get(name) ?? ts.sys.readFile(name);
  const broken = ts
    .getPreEmitDiagnostics(ts.createProgram(fileNames, checking, host))
    .flatMap(({ file }) => (file === undefined ? [] : [relative(ROOT, file.fileName)]));
  return [...new Set(broken)].toSorted();
}

test('a new kind of effect or probe is demanded by the registries, and by nothing else', () => {
  const broken = brokenBy([
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
