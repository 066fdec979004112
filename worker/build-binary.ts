/**
 * The binary built from its Go module. The module of the CLI replaces one of its own parts, and Go honours a
 * replacement only in the main module: so a scratch module repeats it.
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Found, Lookup } from './lookup.js';

const PREFIX = 'build-';
const TIMEOUT_MS = 30 * 60_000;

/** Builds the release into `target`. The caller holds the lock of the cache. */
export async function buildBinary(
  folder: string,
  target: string,
  version: string,
  { env, log }: Lookup,
): Promise<Found> {
  const go = await goVersion(env);
  if ('why' in go) return go;
  // What a killed build left behind; under the lock nobody is building.
  for (const name of readdirSync(folder)) {
    if (name.startsWith(PREFIX)) rmSync(join(folder, name), { recursive: true, force: true });
  }
  const scratch = await mkdtemp(join(folder, PREFIX));
  try {
    log(
      `building the Temporal server ${version} from its Go module (${go.version}) into ${target}: about 4 minutes, once`,
    );
    writeFileSync(join(scratch, 'go.mod'), goModule(version));
    const began = Date.now();
    const options = { cwd: scratch, env, extendEnv: false, timeout: TIMEOUT_MS, stdin: 'ignore' } as const;
    await execa('go', ['mod', 'tidy'], options);
    log(`  modules fetched after ${seconds(began)} s, compiling`);
    const stamp = `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${version}`;
    const command = 'github.com/temporalio/cli/cmd/temporal';
    await execa('go', ['build', '-trimpath', '-ldflags', stamp, '-o', 'temporal', command], options);
    await rename(join(scratch, 'temporal'), target);
    log(`  built after ${seconds(began)} s`);
    return { path: target };
  } catch (error) {
    return { why: `the build failed: ${lastLines(error)}` };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function goVersion(
  env: Lookup['env'],
): Promise<{ readonly version: string } | { readonly why: string }> {
  try {
    const { stdout } = await execa('go', ['env', 'GOVERSION'], {
      env,
      extendEnv: false,
      timeout: 20_000,
      stdin: 'ignore',
    });
    const version = stdout.trim();
    const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
    if (Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 26)) return { version };
    return { why: `it needs Go 1.26 or later, and this is ${version === '' ? 'an unknown one' : version}` };
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return { why: missing ? 'it needs Go 1.26 or later, and there is no "go" on PATH' : lastLines(error) };
  }
}

function goModule(version: string): string {
  return `module sluice.local/engine

go 1.26.4

tool github.com/temporalio/cli/cmd/temporal

require github.com/temporalio/cli v${version}

replace github.com/temporalio/cli/cliext => github.com/temporalio/cli/cliext v0.0.0-20260731000218-c579925f193f
`;
}

function lastLines(error: unknown): string {
  if (
    error instanceof Error &&
    'stderr' in error &&
    typeof error.stderr === 'string' &&
    error.stderr !== ''
  ) {
    return error.stderr.trim().split('\n').slice(-3).join(' | ');
  }
  return error instanceof Error ? error.message : String(error);
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 1000);
}
