/** Engines for the benchmarks: real servers with a home of their own, gone afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signalProcess } from '../activities/processes.js';
import type { EngineRecord } from '../strategy/engine.js';
import { homeFolder } from '../strategy/layout.js';
import { findBinary } from '../worker/binary.js';
import { privateFolder } from '../worker/files.js';
import { startServer, stopServer } from '../worker/server.js';

export interface BenchEngine {
  readonly address: string;
  readonly home: string;
  stop(): Promise<void>;
}

/** What must not be left behind, however the benchmarks end. */
const running = new Map<string, EngineRecord>();

process.once('exit', () => {
  for (const [home, record] of running) {
    signalProcess(record, 'SIGKILL');
    rmSync(home, { recursive: true, force: true });
  }
});
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(1));

/** With the settings that sluice starts its engine with, or with those that the server is shipped with. */
export async function startEngine(kind: 'tuned' | 'shipped'): Promise<BenchEngine> {
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const binary = await findBinary({ home: homeFolder(process.env), env: process.env, log });
  const home = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  privateFolder(join(home, 'engine'));
  const settings = kind === 'shipped' ? { settings: [] } : {};
  const record = await startServer({ home, env: process.env, binary, last: null, ...settings });
  running.set(home, record);
  return {
    address: record.address,
    home,
    async stop() {
      await stopServer(record);
      running.delete(home);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
