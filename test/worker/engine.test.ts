import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { isAlive } from '../../activities/processes.js';
import { type EngineRecord, parseEngineRecord } from '../../strategy/engine.js';
import { engineFile, homeFolder } from '../../strategy/layout.js';
import { findBinary } from '../../worker/binary.js';
import { stopServer } from '../../worker/server.js';

const USER = fileURLToPath(new URL('engine-user.mjs', import.meta.url));

interface User {
  readonly process: ChildProcess;
  readonly engine: { readonly address: string; readonly webUi: string | null; readonly adopted: boolean };
  /** Ends it as Ctrl-C would. */
  leave(): Promise<void>;
  /** Ends it as a second Ctrl-C would. */
  quit(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
}

let binary = '';
let home = '';
const seen: EngineRecord[] = [];

beforeAll(async () => {
  binary = await findBinary({ home: homeFolder(process.env), env: process.env, log: console.error });
}, 600_000);

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sluice-engine-'));
});

afterEach(async () => {
  for (const server of seen.splice(0)) await stopServer(server);
  const left = record();
  if (left !== null) await stopServer(left);
  await rm(home, { recursive: true, force: true });
});

test('starts, serves, keeps its folder private, and none is left after a clean stop', async () => {
  const user = await enter();
  const server = running();
  expect(user.engine).toMatchObject({ address: server.address, webUi: server.webUi, adopted: false });
  expect(statSync(home).mode & 0o777).toBe(0o700);
  expect((await fetch(server.webUi ?? '')).ok).toBe(true);
  await user.leave();
  expect(isAlive(server)).toBe(false);
  expect(existsSync(engineFile(home))).toBe(false);
});

test('a server left behind by kill -9 is adopted, and stopped by its adopter', async () => {
  const first = await enter();
  const server = running();
  await first.kill();
  expect(isAlive(server)).toBe(true);
  const second = await enter();
  expect(second.engine).toMatchObject({ address: server.address, adopted: true });
  expect(running().pid).toBe(server.pid);
  await second.leave();
  expect(isAlive(server)).toBe(false);
});

test('one that quits at once, while the server starts or later, takes it along unless somebody else uses it', async () => {
  const starting = spawnUser();
  const started = await eventually(record);
  starting.kill('SIGINT');
  await eventually(() => (isAlive(started) ? null : true));
  const [one, two] = [await enter(), await enter()];
  const server = running();
  await one.quit();
  expect(isAlive(server)).toBe(true);
  await two.quit();
  await eventually(() => (isAlive(server) ? null : true));
});

test('two that start at once share one server, which stays until the last leaves', async () => {
  const [one, two] = await Promise.all([enter(), enter()]);
  const server = running();
  expect(one.engine.address).toBe(two.engine.address);
  expect([one.engine.adopted, two.engine.adopted].sort()).toEqual([false, true]);
  await one.leave();
  expect(isAlive(server)).toBe(true);
  await two.leave();
  expect(isAlive(server)).toBe(false);
});

test('a killed user does not keep the server alive for ever', async () => {
  const [one, two] = await Promise.all([enter(), enter()]);
  const server = running();
  await one.kill();
  await two.leave();
  expect(isAlive(server)).toBe(false);
});

test('a server that is killed is back at the same address with its data, and an acknowledged signal is kept', async () => {
  const user = await enter();
  const server = running();
  await startWorkflow(user.engine.address, 'kept');
  process.kill(server.pid, 'SIGKILL');
  const again = await eventually(() => {
    const now = record();
    return now !== null && now.pid !== server.pid && isAlive(now) ? now : null;
  });
  expect(again.address).toBe(server.address);
  expect(await signals(again.address, 'kept')).toBe(1);
  await user.leave();
  expect(isAlive(again)).toBe(false);
});

test('data and address outlive a clean stop', async () => {
  const first = await enter();
  await startWorkflow(first.engine.address, 'kept');
  await first.leave();
  const second = await enter();
  expect(second.engine).toMatchObject({ address: first.engine.address, adopted: false });
  expect(await signals(second.engine.address, 'kept')).toBe(1);
  await second.leave();
});

test('a lock left by a dead process is taken over', async () => {
  const first = await enter();
  await first.kill();
  const stale = readdirSync(join(home, 'engine', 'users'))[0] ?? '';
  await copyFile(join(home, 'engine', 'users', stale), join(home, 'engine', 'lock'));
  const second = await enter();
  expect(second.engine.adopted).toBe(true);
  await second.leave();
});

function spawnUser() {
  return spawn(process.execPath, [USER, home], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, SLUICE_TEMPORAL_BIN: binary },
  });
}

async function enter(): Promise<User> {
  const child = spawnUser();
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line'), exited.then(() => null)]);
  if (first === null) throw new Error('the user of the engine ended before it had one');
  const engine = JSON.parse(String(first[0]));
  const server = record();
  if (server !== null) seen.push(server);
  const end = async (name: NodeJS.Signals) => {
    child.kill(name);
    await exited;
  };
  return {
    process: child,
    engine,
    leave: () => end('SIGTERM'),
    quit: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
  };
}

function record(): EngineRecord | null {
  return existsSync(engineFile(home)) ? parseEngineRecord(readFileSync(engineFile(home), 'utf8')) : null;
}

function running(): EngineRecord {
  const found = record();
  if (found === null || !isAlive(found)) throw new Error('no engine is running');
  return found;
}

async function startWorkflow(address: string, id: string): Promise<void> {
  await withEngine(address, async (client) => {
    const handle = await client.workflow.start('nobody-works-on-it', { workflowId: id, taskQueue: 'nobody' });
    await handle.signal('hello');
  });
}

async function signals(address: string, id: string): Promise<number> {
  return withEngine(address, async (client) => {
    const { events } = await client.workflow.getHandle(id).fetchHistory();
    return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length;
  });
}

async function withEngine<T>(address: string, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await eventually(() =>
    Connection.connect({ address, connectTimeout: 1_000 }).catch(() => null),
  );
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

async function eventually<T>(look: () => T | null | Promise<T | null>, withinMs = 180_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await sleep(25);
  }
}
