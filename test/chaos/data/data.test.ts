/** No row lost and none written twice, whatever is killed: the part of `npm run chaos:data` that is bounded. SLUICE_SEED repeats a series. */
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { series } from './series.js';

const KILLS = Number(process.env.SLUICE_KILLS ?? 5);
const SEED = Number(process.env.SLUICE_SEED ?? randomInt(2 ** 30));

it(`rows survive kills of the worker, both servers and the network (seed ${SEED})`, async () => {
  const { kills, wrong } = await series(KILLS, SEED);
  expect(wrong).toEqual([]);
  expect(kills).toHaveLength(KILLS);
});
