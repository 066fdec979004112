/**
 * Nothing lost, nothing twice, and every run ends or asks, whatever is killed: the part of `npm run chaos` that is bounded.
 * SLUICE_KILLS and SLUICE_SEED repeat a series, or make a longer one.
 */
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { table } from './report.js';
import { series } from './series.js';

const KILLS = Number(process.env.SLUICE_KILLS ?? 24);
const SEED = Number(process.env.SLUICE_SEED ?? randomInt(2 ** 30));

it(
  `every effect happens exactly once, whatever is killed, cut, frozen or filled (seed ${SEED})`,
  async () => {
    const began = Date.now();
    const binary = process.env.SLUICE_TEMPORAL_BIN ?? 'temporal';
    const summary = await series({ kills: KILLS, seed: SEED, binary });
    console.log(table(summary, SEED, began));
    expect(summary).toMatchObject({ lost: 0, twice: 0, wrong: [] });
    expect(summary.total).toBeGreaterThanOrEqual(KILLS);
    expect(summary.runs).toBeGreaterThan(0);
  },
  30 * 60_000,
);
