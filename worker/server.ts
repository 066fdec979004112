/** The server process itself: starting it with the tuned settings, waiting until it serves, ending it. */
import { spawn } from 'node:child_process';
import { chmodSync, closeSync, openSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { identify, isAlive, type ProcessIdentity, signalProcess } from '../activities/processes.js';
import type { EngineRecord } from '../strategy/engine.js';
import { engineFile } from '../strategy/layout.js';
import { EngineUnavailable } from './binary.js';
import { readIfThere, writeAtomically } from './files.js';

const HOST = '127.0.0.1';
export const NAMESPACE = 'default';

/**
 * As shipped the server polls its transfer queue 20 times a second. With these a step of a plain workflow was
 * measured at 8 ms instead of 100 ms.
 */
export const TUNED = [
  'history.transferProcessorMaxPollRPS=5000',
  'history.transferProcessorMaxPollHostRPS=50000',
  'system.enableActivityEagerExecution=true',
  // A run whose worker was killed at work is given to the next one after 20 s at most; as shipped, with every further
  // death after twice as long, up to ten minutes.
  'history.workflowTaskRetryMaxInterval="10s"',
];

/** Closed runs stay readable this long; the server's own default is one day. */
const RETENTION_DAYS = 3650;
const START_MS = 60_000;
const TERM_MS = 10_000;
const TRIES = 3;

export interface StartOptions {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly binary: string;
  /** The record of the server before, if any: its ports are used again, so that its clients find the new one. */
  readonly last: EngineRecord | null;
  /** The link to the dashboard that is hosted already; by default none is. */
  readonly dashboard?: string | null | undefined;
  /** Dynamic configuration; by default `TUNED`. */
  readonly settings?: readonly string[];
}

/**
 * Starts the server, waits until it serves, and writes engine.json. The caller holds the engine's lock.
 * @throws EngineUnavailable with the end of the server's log.
 */
export async function startServer(options: StartOptions): Promise<EngineRecord> {
  const log = join(options.home, 'engine', 'engine.log');
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const port = await freePort(attempt === 1 ? portOf(options.last?.address) : null);
    const uiPort = await freePort(attempt === 1 ? portOf(options.last?.webUi) : null);
    const record = launch(options, port, uiPort, log);
    if (await serves(record)) {
      // The server makes it readable to all; its folder is not, and neither should it be. SQLite's journals follow it.
      chmodSync(databaseFile(options.home), 0o600);
      return record;
    }
    await stopServer(record);
  }
  throw new EngineUnavailable('The Temporal server was found, but does not start.', [
    { way: options.binary, why: `see ${log}; it ends with: ${tail(readIfThere(log) ?? '')}` },
  ]);
}

/** Ends the server: asked first, and killed when it does not go. */
export async function stopServer(server: ProcessIdentity): Promise<void> {
  signalProcess(server, 'SIGTERM');
  const deadline = Date.now() + TERM_MS;
  while (isAlive(server)) {
    if (Date.now() > deadline) signalProcess(server, 'SIGKILL');
    await sleep(20);
  }
}

/** True once a Temporal server answers there; false after `withinMs`, or as soon as `worthwhile` says no. */
export async function answers(
  address: string,
  withinMs: number,
  worthwhile: () => boolean,
): Promise<boolean> {
  const connection = await connectWithin(address, withinMs, worthwhile);
  await connection?.close();
  return connection !== null;
}

function databaseFile(home: string): string {
  return join(home, 'engine', 'engine.db');
}

function launch(options: StartOptions, port: number, uiPort: number, log: string): EngineRecord {
  const { home, env, binary, settings = TUNED } = options;
  const args = [
    ...['server', 'start-dev', '--ip', HOST, '--port', `${port}`, '--ui-port', `${uiPort}`],
    ...['--db-filename', databaseFile(home), '--namespace', NAMESPACE],
    ...['--log-format', 'json', '--log-level', 'error', '--ui-disable-news-fetch'],
    ...settings.flatMap((setting) => ['--dynamic-config-value', setting]),
  ];
  const output = openSync(log, 'a', 0o600);
  try {
    // Only PATH: TEMPORAL_* and a configuration file of the user's are for other servers than this one.
    const child = spawn(binary, args, {
      detached: true,
      stdio: ['ignore', output, output],
      cwd: join(home, 'engine'),
      env: { PATH: env.PATH, HOME: join(home, 'engine'), TMPDIR: env.TMPDIR },
    });
    // A failure to start shows in that nothing serves; without a listener it would end this process.
    child.once('error', () => undefined);
    child.unref();
    const pid = child.pid;
    if (pid === undefined) {
      throw new EngineUnavailable('The Temporal server was found, but could not be started.', [
        { way: binary, why: 'the system refused to run it' },
      ]);
    }
    const record: EngineRecord = {
      address: `${HOST}:${port}`,
      // One that is gone already is nobody's process.
      ...(identify(pid) ?? { pid, start: '', boot: '' }),
      webUi: `http://${HOST}:${uiPort}`,
      dashboard: options.dashboard ?? null,
    };
    // At once, so that a kill of this process from here on leaves a server that the next one finds.
    writeAtomically(engineFile(home), `${JSON.stringify(record)}\n`);
    return record;
  } finally {
    closeSync(output);
  }
}

async function serves(record: EngineRecord): Promise<boolean> {
  const connection = await connectWithin(record.address, START_MS, () => isAlive(record));
  if (connection === null) return false;
  try {
    const wanted = RETENTION_DAYS * 24 * 3600 * 1000;
    const { config } = await connection.workflowService.describeNamespace({ namespace: NAMESPACE });
    const ttl = config?.workflowExecutionRetentionTtl;
    if (!ttl || tsToMs(ttl) < wanted) {
      const workflowExecutionRetentionTtl = msToTs(wanted);
      await connection.workflowService.updateNamespace({
        namespace: NAMESPACE,
        config: { workflowExecutionRetentionTtl },
      });
    }
    return true;
  } finally {
    await connection.close();
  }
}

async function connectWithin(
  address: string,
  withinMs: number,
  worthwhile: () => boolean,
): Promise<Connection | null> {
  const deadline = Date.now() + withinMs;
  while (worthwhile()) {
    // gRPC waits a second after a refused connection; a bare one tells at once, and a start is felt.
    if (!(await listens(address))) {
      if (Date.now() > deadline) return null;
      await sleep(20);
      continue;
    }
    try {
      return await Connection.connect({ address, connectTimeout: 1_000 });
    } catch (error) {
      if (Date.now() > deadline) return null;
      if (!(error instanceof Error)) throw error;
      await sleep(50);
    }
  }
  return null;
}

function listens(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: HOST, port: portOf(address) ?? 0 });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function portOf(address: string | null | undefined): number | null {
  const port = Number(/:(\d+)$/.exec(address ?? '')?.[1]);
  return Number.isInteger(port) ? port : null;
}

/** The wanted port if it is free, else any free one. */
async function freePort(wanted: number | null): Promise<number> {
  return (wanted === null ? null : await bindOnce(wanted)) ?? (await bindOnce(0)) ?? 0;
}

function bindOnce(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, HOST, () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : null));
    });
  });
}

function tail(text: string): string {
  return text.trim().split('\n').slice(-3).join(' | ').slice(-600);
}
