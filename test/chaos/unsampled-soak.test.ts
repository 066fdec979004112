/** A soak whose only worker is killed with -9, while what it watches goes bad and is mended again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

const SLUICE = fileURLToPath(new URL('../../bin/sluice', import.meta.url));
/** Longer than it takes on a busy machine to see that it has begun: a heartbeat tells of it every few seconds. */
const SOAK_MS = 15_000;
/** How long nobody is there to sample. */
const AWAY_MS = 4_000;

let world: World;
let worker: ChildProcess;
beforeAll(async () => {
  world = await openWorld(inject('engine'), { worker: false });
});
afterAll(async () => {
  await kill(worker);
  await world.close();
});

function startWorker(): ChildProcess {
  const env = {
    ...process.env,
    SLUICE_HOME: world.home,
    SLUICE_TASK_QUEUE: world.taskQueue,
    TEMPORAL_ADDRESS: inject('engine'),
  };
  return spawn(process.execPath, [SLUICE, 'worker'], { env, stdio: 'ignore' });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Waits for a worker that answers for the run: a new one takes a while to start. */
async function answers(run: string): Promise<void> {
  const asked = () =>
    world.sluice.view(run).then(
      () => true,
      () => false,
    );
  await expect.poll(asked, { timeout: 60_000 }).toBe(true);
}

it('lasts longer by what nobody sampled, and the record says so', async () => {
  worker = startWorker();
  const watched = { 'x-soak': `${SOAK_MS / 1000}s`, monitoring: { alert_conditions: ['errors > 5'] } };
  const run = await world.start(strategy([phase('P', 1, [step('A', 1, { more: watched })])]), {
    bindings: {
      metrics: { errors: { command: 'cat errors' } },
      watch: { interval: '500ms', failureLimit: 2 },
    },
    files: { errors: '0' },
  });
  await answers(run.id);
  await run.until('a sampled soak', ({ progress }) => progress.some(({ done }) => done >= 1));
  await kill(worker);
  writeFileSync(join(run.workspace, 'errors'), '99');
  await pause(AWAY_MS);
  writeFileSync(join(run.workspace, 'errors'), '0');
  worker = startWorker();
  await answers(run.id);
  expect(await run.end()).toMatchObject({ status: 'completed' });
  const events = await run.events();
  const at = (status: string) =>
    Date.parse(events.find((event) => event.type === 'step-status' && event.status === status)?.at ?? '');
  expect(at('completed') - at('soaking')).toBeGreaterThan(SOAK_MS + AWAY_MS - 1_000);
  expect((await run.step('A')).requirements).toMatchObject([
    { text: 'errors > 5', verdict: 'pass', evidence: expect.stringContaining('no worker sampled it for') },
  ]);
});
