import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cachedBinary, EngineUnavailable, findBinary } from '../../worker/binary.js';

let home = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-binary-'));
  vi.stubGlobal('fetch', () =>
    Promise.reject(new TypeError('fetch failed', { cause: new Error('no network') })),
  );
});

afterEach(() => {
  vi.unstubAllGlobals();
  rmSync(home, { recursive: true, force: true });
});

test('a named binary comes first, and one that cannot be used is not quietly replaced', async () => {
  const named = program(join(home, 'mine'), 'exit 0');
  program(cachedBinary(cache()), 'exit 0');
  expect(await find({ SLUICE_TEMPORAL_BIN: named })).toBe(named);
  const missing = find({ SLUICE_TEMPORAL_BIN: join(home, 'nowhere') });
  await expect(missing).rejects.toThrow(EngineUnavailable);
  await expect(missing).rejects.toThrow('nowhere does not exist');
});

test('"temporal" on PATH is taken when it can start a server; otherwise the cache is', async () => {
  const old = join(home, 'old');
  const good = join(home, 'good');
  program(join(old, 'temporal'), 'echo "unknown command server" >&2; exit 1');
  program(join(good, 'temporal'), '[ "$1 $2" = "server start-dev" ]');
  const cached = program(cachedBinary(cache()), 'exit 0');
  expect(await find({ PATH: [good, process.env.PATH].join(delimiter) })).toBe(join(good, 'temporal'));
  expect(await find({ PATH: [old, process.env.PATH].join(delimiter) })).toBe(cached);
});

test('without network, Go and binary the error names everything that was tried and what to do', async () => {
  const error = await find({ PATH: join(home, 'empty') }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(EngineUnavailable);
  const text = String(error);
  for (const part of [
    '"temporal" on PATH',
    'the cache',
    'no network',
    'no "go" on PATH',
    'SLUICE_TEMPORAL_BIN',
    'TEMPORAL_ADDRESS',
  ]) {
    expect(text).toContain(part);
  }
});

test('a Go that is too old is told apart from none', async () => {
  const old = join(home, 'old-go');
  program(join(old, 'go'), 'echo go1.25.3');
  await expect(find({ PATH: [old, '/bin', '/usr/bin'].join(delimiter) })).rejects.toThrow(
    /Go 1\.26 or later.*go1\.25\.3/s,
  );
});

test('two that need a binary at once build one, for every home of the user, and say where', async () => {
  const bin = join(home, 'go-bin');
  // Stands for Go: its build writes a program that answers like the server, and notes that it ran.
  program(
    join(bin, 'go'),
    `case "$1" in
      env) echo go1.26.8;;
      mod) grep -q 'replace github.com/temporalio/cli/cliext' go.mod;;
      build) echo built >> "${join(home, 'builds')}"; printf '#!/bin/sh\\nexit 0\\n' > temporal; chmod +x temporal;;
    esac`,
  );
  const PATH = [bin, '/bin', '/usr/bin'].join(delimiter);
  const lines: string[] = [];
  const note = (line: string) => lines.push(line);
  const found = await Promise.all([find({ PATH }, note), find({ PATH }, note)]);
  expect(found).toEqual([cachedBinary(cache()), cachedBinary(cache())]);
  const elsewhere = { home: join(home, 'another-home'), env: { ...cache(), PATH }, log: note };
  expect(await findBinary(elsewhere)).toBe(cachedBinary(cache()));
  expect(readFileSync(join(home, 'builds'), 'utf8')).toBe('built\n');
  expect(lines.join('\n')).toContain(cachedBinary(cache()));
});

function cache(): { XDG_CACHE_HOME: string } {
  return { XDG_CACHE_HOME: join(home, 'cache') };
}

function find(env: Record<string, string>, log = (_line: string) => {}): Promise<string> {
  return findBinary({ home: join(home, 'home'), env: { ...cache(), ...env }, log });
}

function program(path: string, body: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}
