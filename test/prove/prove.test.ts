/**
 * A short series of what `npm run prove` does at length: random strategies on the real engine, each compared with the
 * reference model. SLUICE_PROVE_RUNS says how many (default 24), SLUICE_PROVE_SEED begins elsewhere.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { tell } from './report.js';
import { openRunner, type Runner } from './runner.js';
import { series } from './series.js';

const RUNS = Number(process.env.SLUICE_PROVE_RUNS ?? 24);
const SEED = Number(process.env.SLUICE_PROVE_SEED ?? 1);
/** Twelve at once take about a second each on two cores, and longer beside other tests. */
const PER_RUN_MS = 15_000;

const root = mkdtempSync(join(tmpdir(), 'sluice-prove-'));
let runner: Runner;
beforeAll(async () => {
  runner = await openRunner(inject('engine'), root);
});
afterAll(async () => {
  await runner.close();
  rmSync(root, { recursive: true, force: true });
});

it(
  `runs ${RUNS} random strategies as the model says (seed ${SEED})`,
  async () => {
    const told: string[] = [];
    const summary = await series(runner, {
      ...{ runs: RUNS, seed: SEED, path: null, atOnce: 12 },
      onDifference: (difference) => {
        told.push(tell(difference, false));
        // Also where the tests are broken off before their end.
        process.stderr.write(`${told.at(-1)}\n`);
      },
      onProgress: () => {},
    });
    expect(told.join('\n\n')).toBe('');
    expect(summary.runs).toBe(RUNS);
    // A generator that makes nothing happen would prove nothing.
    expect(summary.decisions).toBeGreaterThan(RUNS);
    expect(summary.effects).toBeGreaterThan(RUNS);
  },
  60_000 + RUNS * PER_RUN_MS,
);
