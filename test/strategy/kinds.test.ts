/**
 * A new kind of effect or probe is one module and one line on either side. The compiler proves it: with one more member in
 * the unions of plan.ts, the only files of the product that no longer compile are the registries.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PLAN = `${ROOT}strategy/plan.ts`;

/** The files of the product that do not compile when plan.ts says something else. */
function brokenBy(changes: Readonly<Record<string, string>>): readonly string[] {
  let plan = readFileSync(PLAN, 'utf8');
  for (const [from, to] of Object.entries(changes)) {
    expect(plan).toContain(from);
    plan = plan.replace(from, to);
  }
  const config = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const checking = { ...options, noEmit: true, incremental: false, composite: false };
  const host = ts.createCompilerHost(checking);
  host.readFile = (name) => (name === PLAN ? plan : ts.sys.readFile(name));
  const broken = ts
    .getPreEmitDiagnostics(ts.createProgram(fileNames, checking, host))
    .flatMap(({ file }) => (file === undefined ? [] : [relative(ROOT, file.fileName)]));
  return [...new Set(broken)].toSorted();
}

test('a new kind of effect or probe is demanded by the registries, and by nothing else', () => {
  const broken = brokenBy({
    'export type Action =\n': "export type Action =\n  | { readonly kind: 'copy'; readonly table: string }\n",
    'export type MachineProbe = { readonly inverted?: true } & (':
      "export type MachineProbe = { readonly inverted?: true } & ({ readonly how: 'kafka'; readonly topic: string }",
  });
  expect(broken).toEqual([
    'activities/effects/index.ts',
    'activities/probes/index.ts',
    'strategy/kinds/effects/index.ts',
    'strategy/kinds/probes/index.ts',
  ]);
});
