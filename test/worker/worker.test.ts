import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { isAlive } from '../../activities/processes.js';
import { connect, readStrategy } from '../../client/index.js';
import { parseEngineRecord } from '../../strategy/engine.js';
import { engineFile } from '../../strategy/layout.js';
import { ensureEngine } from '../../worker/engine.js';
import { readIfThere } from '../../worker/files.js';
import { hostId } from '../../worker/host.js';
import { type RunningWorker, startWorker, WorkerFailed } from '../../worker/worker.js';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld } from '../support/world.js';

let home = '';

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-worker-'));
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

test('a host has one name, no matter who asks first', () => {
  const name = hostId(home);
  expect(name).toMatch(/^[A-Za-z0-9.-]+-[0-9a-f]{8}$/);
  expect(hostId(home)).toBe(name);
});

test('a worker without an engine says so in plain words', async () => {
  const start = settings({ address: '127.0.0.1:1' });
  await expect(startWorker(start)).rejects.toThrow(WorkerFailed);
  await expect(startWorker(start)).rejects.toThrow(/cannot reach the Temporal server at 127\.0\.0\.1:1/);
});

test('a run is carried out, and a worker that shuts down leaves it to the next', async () => {
  const world = await openWorld(inject('engine'));
  try {
    const slow = step('STEP-2', 2, { commands: ['echo begin >> $LEDGER; sleep 1; echo end >> $LEDGER'] });
    const run = await world.start(strategy([phase('PHASE-1', 1, [step('STEP-1', 1), slow])]));
    await expect.poll(() => run.ledger()).toContain('begin');
    await world.stopWorker();
    await world.startWorker();
    expect((await run.end()).status).toBe('completed');
    expect(run.ledger()).toEqual(['do STEP-1', 'begin', 'end']);
  } finally {
    await world.close();
  }
});

test('a worker continues when its engine is killed and comes back', async () => {
  const log: string[] = [];
  const engine = await ensureEngine({ home, env: process.env, log: (line) => log.push(line) });
  let worker: RunningWorker | null = null;
  try {
    worker = await startWorker(settings({ address: engine.address }));
    const server = parseEngineRecord(readIfThere(engineFile(home)) ?? '');
    if (server === null) throw new Error('the engine has no record');
    process.kill(server.pid, 'SIGKILL');
    await expect.poll(() => parseEngineRecord(readIfThere(engineFile(home)) ?? '')?.pid).not.toBe(server.pid);
    expect(isAlive(server)).toBe(false);
    await expect.poll(() => log.at(-1)).toBe('the engine is running again');
    const world = await openWorld(engine.address, { worker: false });
    const sluice = await connect({ address: engine.address, home, taskQueue: worker.taskQueue, env: {} });
    try {
      const { plan } = await planOf(world.home);
      const { run } = await sluice.submit(plan, { workspace: world.home, by: 'tester' });
      await expect.poll(async () => (await sluice.view(run)).status).toBe('completed');
    } finally {
      await sluice.close();
      await world.close();
    }
  } finally {
    await worker?.shutdown();
    await engine.stop();
  }
});

function settings(connection: { address: string }) {
  return {
    home,
    env: process.env,
    log: () => undefined,
    connection,
    namespace: 'default',
    taskQueue: 'worker-test',
  };
}

async function planOf(folder: string) {
  const file = join(folder, 'migration-strategy.yaml');
  const plain = strategy([phase('PHASE-1', 1, [step('STEP-1', 1, { commands: ['true'] })])]);
  writeFileSync(file, JSON.stringify(plain));
  const { plan, problems } = await readStrategy(file);
  if (plan === null) throw new Error(JSON.stringify(problems));
  return { plan };
}
