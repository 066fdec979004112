/** sluice key, as a user types it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommandLine } from '../../cli/program.js';
import { findKey } from '../../client/keys.js';
import { fakeTerminal } from './fixtures.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-key-'));
});
afterEach(() => rmSync(home, { recursive: true }));

async function key(...args: readonly string[]) {
  const { terminal, stdout, stderr } = fakeTerminal({ env: { SLUICE_HOME: home } });
  const code = await runCommandLine(['key', ...args], terminal);
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

test('new prints what the bindings need, and never the private part', async () => {
  const { code, stdout } = await key('new', '--as', 'alice: "the" DBA');
  expect(code).toBe(0);
  const { publicKey, d } = await findKey(home, 'alice: "the" DBA');
  expect(stdout).not.toContain(d);
  expect(load(stdout.slice(stdout.indexOf('identity:')))).toEqual({
    identity: { mode: 'signed', installation: 'production', keys: { 'alice: "the" DBA': [publicKey] } },
  });
});

test('list names every key by its thumbprint, and says how to make the first', async () => {
  expect((await key('list')).stdout).toContain('sluice key new');
  const { thumbprint } = JSON.parse((await key('new', '--as', 'alice', '--json')).stdout);
  expect((await key('list')).stdout).toContain(`alice  ${thumbprint}`);
});

test('a second key and a missing file are refused with what to do', async () => {
  await key('new', '--as', 'alice');
  expect(await key('new', '--as', 'alice')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('already has a key'),
  });
  expect(await key('add')).toMatchObject({ code: 2, stderr: expect.stringContaining('sluice key add FILE') });
});
