import { createHash } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { programOf } from '../../activities/program.js';
import { Refusal } from '../../activities/refusal.js';
import { readScript } from '../../activities/script-file.js';
import { scriptFile } from '../support/script-file.js';

let workspace: string;
beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'sluice-script-file-'));
});
afterEach(() => rm(workspace, { recursive: true, force: true }));

test('a script is run and read while it is what the plan was made with', async () => {
  await writeFile(join(workspace, 'go.sh'), '#!/bin/sh\ntrue\n', { mode: 0o755 });
  await writeFile(join(workspace, 'go.sql'), "select 'é'");
  const script = scriptFile(workspace, 'go.sh');
  expect(await programOf({ kind: 'script', ...script }, workspace)).toEqual([
    expect.stringMatching(/go\.sh$/),
  ]);
  expect(await readScript(workspace, scriptFile(workspace, 'go.sql'))).toBe("select 'é'");
});

test('a script that was changed since is refused, with what to do; restored, it runs', async () => {
  const file = join(workspace, 'go.sh');
  await writeFile(file, 'true\n');
  const script = scriptFile(workspace, 'go.sh');
  await writeFile(file, 'rm -rf /\n');
  const changed =
    /^go\.sh was changed after the run was submitted, and was not run: .* Restore the file and retry/;
  await expect(programOf({ kind: 'script', ...script }, workspace)).rejects.toThrow(changed);
  await expect(readScript(workspace, script)).rejects.toThrow(Refusal);
  await writeFile(file, 'true\n');
  expect(await programOf({ kind: 'script', ...script }, workspace)).toHaveLength(2);
});

test('a script of many pieces is compared as a whole', async () => {
  const bytes = Buffer.alloc(300_000, 'x');
  await writeFile(join(workspace, 'big'), bytes);
  await chmod(join(workspace, 'big'), 0o755);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  expect(await programOf({ kind: 'script', path: 'big', sha256 }, workspace)).toHaveLength(1);
});
