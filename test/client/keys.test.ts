/** The keys that people sign with stay theirs. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { addKey, findKey, listKeys, newKey } from '../../client/keys.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-keys-'));
});
afterEach(() => rmSync(home, { recursive: true }));

it('a new key is readable by its owner only, and is not made twice', async () => {
  const made = await newKey(home, 'alice');
  expect(statSync(made.file).mode & 0o777).toBe(0o600);
  expect(JSON.stringify(made)).not.toContain((await findKey(home, 'alice')).d);
  await expect(newKey(home, 'alice')).rejects.toThrow('already has a key');
  expect((await findKey(home, 'alice')).publicKey).toEqual(made.publicKey);
});

it('keys of any name are kept apart, inside their folder', async () => {
  const names = ['../mallory', 'DBA Lead', 'https://id.example|a/b', '..'];
  for (const name of names) await newKey(home, name);
  const kept = await listKeys(home);
  expect(kept.map(({ identity }) => identity).sort()).toEqual([...names].sort());
  for (const { file } of kept) expect(file.startsWith(join(home, 'identities/'))).toBe(true);
});

it('without a key the error says how to make one', async () => {
  expect(await listKeys(home)).toEqual([]);
  await expect(findKey(home, 'alice')).rejects.toMatchObject({
    code: 'key',
    message: expect.stringContaining('Cannot sign as alice'),
    advice: expect.stringContaining('sluice key new --as "alice"'),
  });
});

it("another person's key signs for nobody else", async () => {
  const { file } = await newKey(home, 'alice');
  await expect(findKey(home, 'bob', file)).rejects.toThrow('the key of alice, not of bob');
});

it('a key made elsewhere can be added; what is no private Ed25519 key cannot', async () => {
  const { publicKey } = await newKey(home, 'alice');
  const { d } = await findKey(home, 'alice');
  const file = join(home, 'mine.json');
  writeFileSync(file, JSON.stringify({ ...publicKey, d }));
  expect(await addKey(home, 'bob', file)).toMatchObject({ identity: 'bob', publicKey });
  for (const text of [
    '',
    '[]',
    'null',
    '{"kty":"RSA"}',
    JSON.stringify(publicKey),
    '{"kty":"OKP","d":"x"}',
  ]) {
    writeFileSync(file, text);
    await expect(addKey(home, 'carol', file)).rejects.toThrow('not a private Ed25519 key');
  }
});
