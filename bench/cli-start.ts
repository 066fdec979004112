/** What a call of the command line costs before it does anything, beside an empty Node program. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Benchmark, type Comparison, inTurn } from './measure.js';

const ROUNDS = 7;

/** The goal of each verb: so many times an empty program. */
const VERBS = [
  { label: 'sluice --help', args: ['--help'], atMost: 2.5 },
  // Without an engine: what is measured is the start, not the server.
  { label: 'sluice list', args: ['list'], atMost: 6 },
  { label: 'sluice check', args: ['check', 'examples/discount-code/migration-strategy.yaml'], atMost: 8 },
] as const;

export const cliStart: Benchmark = {
  name: 'cli-start',
  about: "the command line's start, to help, a list and a check of the example, vs `node -e 0`",
  async run(log) {
    const home = mkdtempSync(join(tmpdir(), 'sluice-bench-cli-'));
    try {
      const root = repository();
      const env = { PATH: process.env.PATH, HOME: home, SLUICE_HOME: home };
      const start = (args: readonly string[]) => async (): Promise<number> => {
        const begin = performance.now();
        spawnSync(process.execPath, args, { cwd: root, env, stdio: 'ignore' });
        return performance.now() - begin;
      };
      const [baseline, ...measured] = await inTurn(
        ROUNDS,
        [
          { label: 'node -e 0', measure: start(['-e', '0']) },
          ...VERBS.map(({ label, args }) => ({ label, measure: start([join(root, 'bin/sluice'), ...args]) })),
        ],
        log,
      );
      if (baseline === undefined) return [];
      return VERBS.flatMap(({ label, atMost }, index): Comparison[] => {
        const series = measured[index];
        if (series === undefined) return [];
        return [{ name: label, unit: 'ms', measured: series, baseline, goal: { atMost } }];
      });
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
};

/** Two folders up from what is built. */
function repository(): string {
  return fileURLToPath(new URL('../..', import.meta.url));
}
