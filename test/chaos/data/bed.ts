/** Two servers behind wires that can be cut, and workers that make one attempt each at the rows between them. */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { RowsAction } from '../../../strategy/plan.js';
import { jobBindings } from '../../../strategy/run/job-bindings.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { openWire, type Wire } from '../wire.js';

export interface Server {
  readonly postgres: Postgres;
  readonly wire: Wire;
}

export interface Worker {
  kill(): void;
  /** Null when it was killed. */
  readonly outcome: Promise<EffectOutcome | null>;
}

export interface Bed {
  readonly servers: { readonly here: Server; readonly there: Server };
  ask(side: 'here' | 'there', sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  job(run: string, action: Partial<RowsAction>): EffectJob<RowsAction>;
  worker(job: EffectJob<RowsAction>, number: number): Worker;
  /** The worker that comes by there next dies. */
  strikeAt(point: FaultPoint): void;
  clearPoints(): void;
  close(): Promise<void>;
}

const BASE: RowsAction = {
  kind: 'rows',
  item: 'DATA-1',
  connection: 'here',
  source: { schema: 'public', table: 'orders' },
  change: { do: 'update' },
  ...{ set: [], omit: [], where: '(id > 5)', direction: 'apply', batchSize: 20, ratePerSecond: 600 },
};

/** A compiled file of this project runs in dist/: the worker's program is beside its source. */
const CHILD = join(process.cwd(), 'test/activities/effects/child.mjs');

export async function openBed(): Promise<Bed> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-chaos-data-'));
  const faults = join(folder, 'faults');
  mkdirSync(faults);
  const servers = { here: await openServer(), there: await openServer() };
  const connections = {
    here: { postgres: behind(servers.here) },
    there: { postgres: behind(servers.there) },
  };
  const planned = {
    ...{ connections, metrics: {}, roles: {}, environment: {}, channels: {}, forbidSelfApproval: false },
    watch: { intervalMs: 1_000, failureLimit: 3 },
  };
  const bindings = jobBindings(planned, { connections: ['here', 'there'], metrics: [], environment: false });
  return {
    servers,
    ask: async (side, sql) => {
      const client = new pg.Client({ connectionString: servers[side].postgres.url });
      await client.connect();
      try {
        return (await client.query(sql)).rows ?? [];
      } finally {
        await client.end();
      }
    },
    job: (run, action) => ({
      context: { run, execution: '1', workspace: folder, bindings, pins: {} },
      key: { subject: 'STEP-1', purpose: action.direction ?? 'apply', incarnation: 0, index: 0, attempt: 1 },
      action: { ...BASE, ...action },
      timeoutMs: 600_000,
    }),
    worker: (job, number) => startWorker(folder, faults, job, number),
    strikeAt: (point) => writeFileSync(join(faults, point), ''),
    clearPoints: () => {
      rmSync(faults, { recursive: true, force: true });
      mkdirSync(faults);
    },
    close: async () => {
      for (const { postgres, wire } of Object.values(servers)) {
        await wire.close();
        await postgres.stop();
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openServer(): Promise<Server> {
  const postgres = await startPostgres();
  return { postgres, wire: await openWire(() => postgres.port) };
}

function behind({ postgres, wire }: Server): string {
  return postgres.url.replace(`127.0.0.1:${postgres.port}`, wire.address);
}

function startWorker(home: string, faults: string, job: EffectJob<RowsAction>, number: number): Worker {
  const limits = { killGraceMs: 300, unreachableMs: 120_000, lockTimeoutMs: 500 };
  const child = spawn(process.execPath, [CHILD, JSON.stringify({ home, env: {}, limits, job, number })], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, SLUICE_FAULTS: faults },
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  const outcome = new Promise<EffectOutcome | null>((resolve, reject) => {
    child.on('close', (code) => {
      if (said !== '') resolve(JSON.parse(said));
      else if (code === null) resolve(null);
      else reject(new Error(`A worker ended with ${code}.`));
    });
  });
  return { kill: () => child.kill('SIGKILL'), outcome };
}
