/** One attempt at an effect in a process of its own, which is killed. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EffectJob } from '../../../activities/contract.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { Place } from '../support.js';

const CHILD = fileURLToPath(new URL('./child.mjs', import.meta.url));

/** Ends when the process was killed at the point; throws when it ended in another way. */
export async function killedAt(at: Place, job: EffectJob, fault: FaultPoint): Promise<void> {
  const faults = join(at.home, 'faults');
  mkdirSync(faults, { recursive: true });
  writeFileSync(join(faults, fault), '');
  const { env, limits } = at.clients;
  const order = { home: at.home, env, limits, job, number: 1 };
  const child = spawn(process.execPath, [CHILD, JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SLUICE_FAULTS: faults },
  });
  await new Promise((resolve, reject) => {
    child.on('close', (code, signal) =>
      signal === 'SIGKILL' ? resolve(null) : reject(new Error(`It was not killed at ${fault}: ${code}.`)),
    );
  });
}
