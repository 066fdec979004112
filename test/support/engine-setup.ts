/**
 * One real engine for all test files. The server binary is looked up (and, on a fresh machine, built) as for a user, once, and
 * named to every test, so that tests with a home folder of their own need not build it again.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { homeFolder } from '../../strategy/layout.js';
import { findBinary } from '../../worker/binary.js';
import { ensureEngine } from '../../worker/engine.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port` of the engine that all test files share. */
    readonly engine: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = (line: string) => process.stderr.write(`${line}\n`);
  process.env.SLUICE_TEMPORAL_BIN = await findBinary({
    home: homeFolder(process.env),
    env: process.env,
    log,
  });
  const home = await mkdtemp(join(tmpdir(), 'sluice-engine-'));
  const engine = await ensureEngine({ home, env: process.env, log });
  project.provide('engine', engine.address);
  return async () => {
    await engine.stop();
    await rm(home, { recursive: true, force: true });
  };
}
