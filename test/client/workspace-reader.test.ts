import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workspaceReader } from '../../client/workspace-reader.js';
import type { WorkspaceReader } from '../../strategy/workspace-reader.js';

let root = '';
let world: WorkspaceReader;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'sluice-surroundings-'));
  const workspace = join(root, 'workspace');
  mkdirSync(join(workspace, 'scripts'), { recursive: true });
  writeFileSync(join(workspace, 'scripts', 'run.sh'), '#!/bin/sh\n');
  chmodSync(join(workspace, 'scripts', 'run.sh'), 0o755);
  writeFileSync(join(workspace, 'scripts', 'plain.sql'), 'select 1');
  chmodSync(join(workspace, 'scripts', 'plain.sql'), 0o644);
  writeFileSync(join(root, 'secret'), '#!');
  symlinkSync(join(root, 'secret'), join(workspace, 'scripts', 'link'));
  symlinkSync('run.sh', join(workspace, 'scripts', 'alias'));
  symlinkSync('loop', join(workspace, 'scripts', 'loop'));
  world = await workspaceReader(workspace);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test('files are told by what can be done with them', () => {
  expect(world.file('scripts/run.sh')).toEqual({
    kind: 'file',
    executable: true,
    shebang: true,
    outside: false,
  });
  expect(world.file('scripts/alias')).toEqual({
    kind: 'file',
    executable: true,
    shebang: true,
    outside: false,
  });
  expect(world.file('scripts/plain.sql')).toMatchObject({ executable: false, shebang: false });
  expect(world.file('scripts')).toMatchObject({ kind: 'folder', outside: false });
  expect(world.names('scripts')).toEqual(['alias', 'link', 'loop', 'plain.sql', 'run.sh']);
});

test('what is not there is nothing, and strange paths are no error', () => {
  for (const path of ['nothing', 'scripts/run.sh/below', 'scripts/loop', 'a\0b', 'x'.repeat(5000)]) {
    expect(world.file(path)).toBeNull();
    expect(world.names(path)).toEqual([]);
  }
});

test('a path or a link that leaves the workspace is outside, and nothing is told of what lies there', () => {
  const outside = { kind: 'file', executable: false, shebang: false, outside: true };
  for (const path of ['../secret', '/etc/passwd', 'scripts/link', '..', '../workspace-else']) {
    expect(world.file(path)).toEqual(outside);
    expect(world.names(path)).toEqual([]);
  }
});

test("SQL is what Postgres's own parser accepts", () => {
  expect(world.sqlError('alter table carts add column discount_code text')).toBeNull();
  expect(world.sqlError('select 1; select 2')).toBeNull();
  for (const text of ['kubectl apply -f x.yaml', 'selec 1', '', '   ', '-- only a comment']) {
    expect(world.sqlError(text)).not.toBeNull();
  }
});

test('the content of a script is told by its hash, and that of nothing else', () => {
  const sha256 = createHash('sha256').update('#!/bin/sh\n').digest('hex');
  expect(world.sha256('scripts/run.sh')).toBe(sha256);
  expect(world.sha256('scripts/alias')).toBe(sha256);
  for (const path of ['scripts', 'scripts/link', '../secret', 'nowhere'])
    expect(world.sha256(path)).toBeNull();
});
