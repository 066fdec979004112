/** What a hostile strategy, or somebody who changes files while it runs, can make sluice open. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { programOf } from '../../activities/program.js';
import { Refusal } from '../../activities/refusal.js';
import { readScript } from '../../activities/script-file.js';
import { resolveReferences } from '../../activities/secrets.js';
import { readStrategy } from '../../client/read.js';
import { jobFolder, planFile, runFolder, safeName } from '../../strategy/layout.js';
import { scriptFile } from '../support/script-file.js';
import { phase, step, strategy } from '../support/strategies.js';

let root: string;
let workspace: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-paths-'));
  workspace = join(root, 'workspace');
  mkdirSync(join(workspace, 'data'), { recursive: true });
  mkdirSync(join(root, 'outside'));
  for (const place of ['workspace', 'outside']) {
    for (const name of ['run.sh', 'data.sql']) {
      writeFileSync(join(root, place, name), name === 'run.sh' ? '#!/bin/sh\n' : 'select 1;');
      chmodSync(join(root, place, name), 0o755);
    }
  }
  symlinkSync(join(root, 'outside'), join(workspace, 'away'));
  symlinkSync(join(root, 'outside/run.sh'), join(workspace, 'link.sh'));
  symlinkSync(join(root, 'outside/run.sh'), join(workspace, 'data/SET-1.sh'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const WAYS = (root: string): string[] => [
  '../outside/run.sh',
  './../outside/run.sh',
  'data/../../outside/run.sh',
  join(root, 'outside/run.sh'),
  'link.sh',
  'away/run.sh',
  'away/data.sql',
  '../outside/data.sql',
];

async function codesOf(document: object, bindings: object = {}): Promise<string[]> {
  writeFileSync(join(workspace, 'migration-strategy.yaml'), JSON.stringify(document));
  writeFileSync(join(workspace, 'migration-bindings.yaml'), JSON.stringify(bindings));
  const { plan, problems } = await readStrategy(join(workspace, 'migration-strategy.yaml'));
  expect(plan).toBeNull();
  return problems.map(({ code }) => code);
}

test('a script that leaves the workspace is refused when it is checked, wherever it is named', async () => {
  const connections = { db: { postgres: '${env:DB}' } };
  for (const path of WAYS(root)) {
    const automated = step('S', 1, { more: { execution_details: { automation_script: path } } });
    expect(await codesOf(strategy([phase('P', 1, [automated])]), { connections })).toContain(
      'outside-workspace',
    );
    const undone = step('S', 1, {
      more: { rollback_procedure: { can_rollback: true, rollback_script: path } },
    });
    expect(await codesOf(strategy([phase('P', 1, [undone])]), { connections })).toContain(
      'outside-workspace',
    );
    const plain = strategy([phase('P', 1, [step('S', 1)])]);
    for (const section of ['checks', 'datasets']) {
      expect(await codesOf(plain, { connections, [section]: { it: { script: path } } })).toContain(
        'outside-workspace',
      );
    }
  }
});

test('so is a folder of scripts or datasets, and a dataset behind a link', async () => {
  const dataset = { validation: { test_dataset_ids: ['SET-1'] } };
  for (const test_datasets_dir of ['data', 'data/../data']) {
    const gated = strategy(
      [
        phase('P', 1, [step('S', 1)], {
          validation_gate: {
            gate_id: 'G',
            name: 'G',
            failure_response: 'rollback',
            test_dataset_ids: ['SET-1'],
          },
        }),
      ],
      { linkage: { test_datasets_dir } },
    );
    expect(await codesOf(gated)).toContain('outside-workspace');
  }
  const scripted = step('S', 1, { more: { execution_details: { automation_script: 'run.sh' }, ...dataset } });
  rmSync(join(workspace, 'run.sh'));
  for (const automation_scripts_dir of ['../outside', 'away', join(root, 'outside')]) {
    const codes = await codesOf(
      strategy([phase('P', 1, [scripted])], { linkage: { automation_scripts_dir } }),
    );
    expect(codes).toContain('outside-workspace');
  }
});

test('and again when it is run: a link that took its place after the check is not followed', async () => {
  const script = scriptFile(workspace, 'run.sh');
  const data = scriptFile(workspace, 'data.sql');
  await expect(programOf({ kind: 'script', ...script }, workspace)).resolves.toHaveLength(1);
  for (const name of ['run.sh', 'data.sql']) {
    rmSync(join(workspace, name));
    symlinkSync(join(root, 'outside', name), join(workspace, name));
  }
  await expect(programOf({ kind: 'script', ...script }, workspace)).rejects.toThrow(
    'is outside the workspace',
  );
  await expect(readScript(workspace, data)).rejects.toThrow('is outside the workspace');
  for (const path of WAYS(root)) {
    await expect(programOf({ kind: 'script', path, sha256: '' }, workspace)).rejects.toThrow(Refusal);
    await expect(readScript(workspace, { path, sha256: '' })).rejects.toThrow(Refusal);
  }
});

test('what is run is the file that was looked at, not a link to it', async () => {
  symlinkSync('run.sh', join(workspace, 'inside.sh'));
  const [program] = await programOf({ kind: 'script', ...scriptFile(workspace, 'inside.sh') }, workspace);
  expect(program).toMatch(/run\.sh$/);
});

test('a secret may lie outside, as in /run/secrets; a pipe, a device, a folder or a large file is none', async () => {
  writeFileSync(join(root, 'outside/token'), 'a secret\n');
  writeFileSync(join(root, 'outside/large'), 'x'.repeat(1024 * 1024 + 1));
  execFileSync('mkfifo', [join(root, 'outside/pipe')]);
  const source = { env: {}, workspace };
  expect(await resolveReferences('${file:../outside/token}', source)).toBe('a secret');
  expect(await resolveReferences(`\${file:${root}/outside/token}`, source)).toBe('a secret');
  const why = async (path: string): Promise<string> =>
    resolveReferences(`\${file:${path}}`, source).then(String, (error: unknown) => String(error));
  expect(await why('../outside/pipe')).toContain('it is not a file');
  expect(await why('/dev/zero')).toContain('it is not a file');
  expect(await why('data')).toContain('it is not a file');
  expect(await why('../outside/large')).toContain('larger than 1 MiB');
  expect(await why('nothing')).toContain('ENOENT');
});

test('names become one harmless path segment each, and two names never the same one', () => {
  const names = [
    '..',
    '.',
    '',
    '/',
    '../../etc/passwd',
    'a/b',
    'a\\b',
    'a\nb',
    '$(reboot)',
    '`id`',
    'a;b',
    '-rf',
    '~',
    '*',
    'a\u0000b',
    '\u202Eabc',
    'x'.repeat(5_000),
    'CON',
    'a b',
    'a_b',
    '__proto__',
  ];
  for (const name of names) {
    expect(safeName(name)).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,90}$/);
    const key = { subject: name, purpose: 'apply', incarnation: 0, index: 0, attempt: 1 } as const;
    expect(
      jobFolder('/h', name, name, key)
        .split('/')
        .filter((part) => part === '..' || part === '.'),
    ).toEqual([]);
    for (const path of [runFolder('/h', name), planFile('/h', name)]) expect(path.split('/')).toHaveLength(4);
  }
  expect(new Set(names.map(safeName)).size).toBe(names.length);
  expect(readdirSync(workspace)).toContain('data');
});
