/** Attempts at effects in processes of their own, so that tests can kill them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { Place } from '../support.js';

const CHILD = fileURLToPath(new URL('./child.mjs', import.meta.url));

export interface Attempt {
  readonly process: ChildProcess;
  /** Null when it was killed. */
  readonly outcome: Promise<EffectOutcome | null>;
}

export function attemptIn(place: Place, job: EffectJob, number: number, fault?: FaultPoint): Attempt {
  const { home, clients } = place;
  const order = JSON.stringify({ home, env: clients.env, limits: clients.limits, job, number });
  const faults = join(home, 'faults');
  if (fault !== undefined) {
    mkdirSync(faults, { recursive: true });
    writeFileSync(join(faults, fault), '');
  }
  const child = spawn(process.execPath, [CHILD, order], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...(fault === undefined ? {} : { SLUICE_FAULTS: faults }),
    },
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  const outcome = new Promise<EffectOutcome | null>((resolve, reject) => {
    child.on('close', (code) => {
      if (said !== '') resolve(JSON.parse(said));
      else if (code === null) resolve(null);
      else reject(new Error(`The attempt ended with ${code}.`));
    });
  });
  return { process: child, outcome };
}

/** Attempts until one comes to an end, as the engine would. */
export async function untilDone(place: Place, job: EffectJob, from: number): Promise<EffectOutcome> {
  for (let number = from; ; number += 1) {
    const outcome = await attemptIn(place, job, number).outcome;
    if (outcome !== null) return outcome;
  }
}
