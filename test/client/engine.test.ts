import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolveEngine, SluiceError } from '../../client/index.js';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-config-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('with nothing configured the engine is the embedded one of the home folder', () => {
  expect(resolveEngine({ HOME: folder, SLUICE_HOME: '/somewhere' })).toEqual({
    kind: 'embedded',
    home: '/somewhere',
  });
  expect(resolveEngine({ HOME: folder })).toEqual({
    kind: 'embedded',
    home: `${folder}/.local/state/sluice`,
  });
});

test("Temporal's environment variables name a cluster", () => {
  const found = resolveEngine({
    HOME: folder,
    TEMPORAL_ADDRESS: 'cluster.example:7233',
    TEMPORAL_NAMESPACE: 'payments',
    TEMPORAL_API_KEY: 'key',
  });
  expect(found).toMatchObject({
    kind: 'configured',
    namespace: 'payments',
    connection: { address: 'cluster.example:7233', apiKey: 'key', tls: true },
  });
});

test('a profile of a configuration file names a cluster', () => {
  const file = join(folder, 'temporal.toml');
  writeFileSync(file, '[profile.team]\naddress = "team.example:7233"\nnamespace = "team"\n');
  const env = { HOME: folder, TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'team' };
  expect(resolveEngine(env)).toMatchObject({
    kind: 'configured',
    namespace: 'team',
    connection: { address: 'team.example:7233' },
  });
  expect(resolveEngine({ HOME: folder, TEMPORAL_CONFIG_FILE: file }).kind).toBe('embedded');
});

test('a configuration that cannot be read is an error in plain words, not an embedded engine', () => {
  const file = join(folder, 'temporal.toml');
  writeFileSync(file, '[profile');
  const resolve = () => resolveEngine({ HOME: folder, TEMPORAL_CONFIG_FILE: file });
  expect(resolve).toThrow(SluiceError);
  expect(resolve).toThrow(/cannot be read/);
  const missing = () => resolveEngine({ HOME: folder, TEMPORAL_PROFILE: 'nobody' });
  expect(missing).toThrow(/nobody/);
});
