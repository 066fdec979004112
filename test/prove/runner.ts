/** Runs cases on a real engine with several workers, as many at once as asked, and compares each with the model. */
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { connect } from '../../client/connect.js';
import { readStrategy } from '../../client/read.js';
import type { Sluice } from '../../client/sluice.js';
import { hashPlan } from '../../strategy/hash.js';
import type { Plan } from '../../strategy/plan.js';
import { formatProblem } from '../../strategy/problem.js';
import { ENDED, type MigrationView } from '../../strategy/run/view.js';
import { type RunningWorker, startWorker } from '../../worker/worker.js';
import { patiently } from '../support/patience.js';
import { startPostgres } from '../support/postgres.js';
import { type Case, everyAct, SUBMITTER } from './case.js';
import { COMPRESS, DATABASE, SCHEMA, sequenceOf, write } from './files.js';
import { foresee, type Observed } from './model.js';
import { difference, doubts, observe, overran } from './observe.js';
import { Misbehaved, People } from './people.js';

export interface Result {
  /** What differs from the model; null when nothing does. */
  readonly difference: string | null;
  readonly expected: Observed;
  readonly decisions: number;
  /** More than one when the machine was too busy to tell. */
  readonly tries: number;
}

export interface Runner {
  prove(given: Case): Promise<Result>;
  close(): Promise<void>;
}

/** A run of which nothing more is told for so long counts as stuck; a busy machine is slow, and no difference. */
const PATIENCE_MS = 180_000;
/** Between two looks into a run that publishes nothing new. */
const VIEW_MS = 3_000;
const WORKERS = 2;
/** How often a case is run that differs while the machine was too slow for the time limits of its probes. */
const MOST_TRIES = 8;

interface ProveWorker {
  readonly sluice: Sluice;
  readonly worker: RunningWorker;
}

/** `address`: of a Temporal server. `root`: a folder for everything that is written, removed by whoever made it. */
export async function openRunner(address: string, root: string): Promise<Runner> {
  const postgres = await startPostgres(['-c', 'max_connections=100']);
  const pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
  // A connection that the server ends while it idles is no loss: the pool opens another.
  pool.on('error', () => {});
  await pool.query(SCHEMA);
  const connection = await Connection.connect({ address });
  const sites = await Promise.all(
    Array.from({ length: WORKERS }, () => openWorker(address, postgres.url, root)),
  );
  const temporal = new Client({ connection });
  let turn = 0;
  return {
    async prove(given) {
      const site = sites[turn % sites.length];
      turn += 1;
      if (site === undefined) throw new Error('There is no worker.');
      for (let tries = 1; ; tries += 1) {
        const trial = new Trial(given, site, temporal, pool, root);
        const result = { ...(await trial.carryOut()), tries };
        if (result.difference === null || !trial.overran || tries === MOST_TRIES) return result;
      }
    },
    async close() {
      for (const { worker, sluice } of sites) {
        await worker.shutdown();
        await sluice.close();
      }
      await connection.close();
      await pool.end();
      await postgres.stop();
    },
  };
}

async function openWorker(address: string, database: string, root: string): Promise<ProveWorker> {
  const home = mkdtempSync(join(root, 'home-'));
  const taskQueue = `prove-${randomUUID()}`;
  const sluice = await connect({ address, home, taskQueue, env: {} });
  const { PATH = '' } = process.env;
  const worker = await startWorker({
    ...{ home, taskQueue, env: { PATH, SLUICE_LOG_LEVEL: 'error', [DATABASE]: database } },
    log: () => {},
    connection: { address },
    namespace: 'default',
  });
  return { sluice, worker };
}

class Trial {
  private readonly run = `prove-${randomUUID()}`;
  private readonly workspace: string;
  private readonly sequences: readonly string[];
  private decisions = 0;
  /** See `overran` in observe.ts. */
  overran = false;
  private doubts: readonly string[] = [];

  constructor(
    private readonly given: Case,
    private readonly worker: ProveWorker,
    private readonly temporal: Client,
    private readonly pool: pg.Pool,
    root: string,
  ) {
    this.workspace = mkdtempSync(join(root, 'case-'));
    this.sequences = everyAct(given).flatMap(({ name, kind, trouble }) =>
      trouble !== null && kind.startsWith('sql') ? [sequenceOf(this.run, name)] : [],
    );
  }

  async carryOut(): Promise<Omit<Result, 'tries'>> {
    const expected = foresee(this.given);
    try {
      for (const sequence of this.sequences) await this.pool.query(`create sequence ${sequence}`);
      const seen = await this.observed();
      const found = difference(expected, seen);
      const told = found === null ? null : [found, ...this.doubts].join('\n');
      return { difference: told, expected, decisions: this.decisions };
    } catch (error) {
      const why = error instanceof Misbehaved || error instanceof Stuck ? error.message : String(error);
      return { difference: why, expected, decisions: this.decisions };
    } finally {
      for (const sequence of this.sequences) await this.pool.query(`drop sequence if exists ${sequence}`);
      rmSync(this.workspace, { recursive: true, force: true });
    }
  }

  private async observed(): Promise<Observed> {
    const { sluice } = this.worker;
    const { run, workspace } = this;
    const { plan: sound, problems } = await readStrategy(this.writeDown());
    if (sound === null)
      throw new Error(
        problems
          .filter(({ severity }) => severity === 'error')
          .map(formatProblem)
          .join('\n'),
      );
    const plan = damaged(sound, this.given);
    const { onFailure } = this.given;
    const start = { workspace, by: SUBMITTER, id: run, onFailure, compress: COMPRESS };
    await patiently(() => sluice.submit(plan, start));
    const view = await this.follow(new People(sluice, this.temporal, this.given, run));
    const events = await patiently(() => sluice.events(run));
    this.overran = overran(this.given, events);
    this.doubts = doubts(events);
    await this.temporal.workflow.getHandle(run).result();
    const { rows } = await this.pool.query<{ name: string; at: string }>(
      'select name, (extract(epoch from at) * 1000000000)::bigint::text as at from effects where run = $1',
      [run],
    );
    return observe(
      workspace,
      view,
      events,
      rows.map(({ name, at }) => ({ name, at: BigInt(at) })),
    );
  }

  /** Answers whatever is asked until the run has ended. */
  private async follow(people: People): Promise<MigrationView> {
    const answered = new Set<string>();
    let told = 0;
    let deadline = 0;
    let waitMs = 40;
    let viewedAt = 0;
    for (;;) {
      if (Date.now() - viewedAt < VIEW_MS && !(await this.hasNews(answered))) {
        waitMs = Math.min(waitMs * 1.2, 250);
        await pause(waitMs);
        continue;
      }
      const view = await patiently(() => this.worker.sluice.view(this.run));
      viewedAt = Date.now();
      if (ENDED.includes(view.status)) return view;
      if (view.seq > told) deadline = Date.now() + PATIENCE_MS;
      told = view.seq;
      const open = view.decisions.filter(({ id }) => !answered.has(id));
      for (const decision of open) {
        answered.add(decision.id);
        this.decisions += 1;
        await people.answer(decision);
      }
      if (Date.now() > deadline) {
        const events = await patiently(() => this.worker.sluice.events(this.run));
        const last = events.slice(-12).map((event) => JSON.stringify(event));
        throw new Stuck(`It did not end. It is ${view.status}: ${view.reason}\n${last.join('\n')}`);
      }
      waitMs = open.length > 0 ? 40 : Math.min(waitMs * 1.2, 250);
      await pause(waitMs);
    }
  }

  /** True when the run has published its end, or something to answer: that costs no worker a workflow task, as the view does. */
  private async hasNews(answered: ReadonlySet<string>): Promise<boolean> {
    const published = await patiently(() => this.worker.sluice.published(this.run));
    if (published === null) return false;
    return ENDED.includes(published.status) || published.decisions.some(({ id }) => !answered.has(id));
  }

  /** The path of the strategy. */
  private writeDown(): string {
    const { strategy, bindings, files } = write(this.given, this.run);
    const all = {
      ...files,
      'migration-strategy.yaml': JSON.stringify(strategy),
      'migration-bindings.yaml': JSON.stringify(bindings),
    };
    for (const [name, text] of Object.entries(all)) {
      const path = join(this.workspace, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      if (text.startsWith('#!')) chmodSync(path, 0o755);
    }
    return join(this.workspace, 'migration-strategy.yaml');
  }
}

class Stuck extends Error {}

/** The plan with the steps that are to break sluice's own code, as no compiler makes them. */
function damaged(plan: Plan, given: Case): Plan {
  const broken = new Set(
    given.phases.flatMap(({ steps }) => steps.filter(({ broken }) => broken).map(({ id }) => id)),
  );
  if (broken.size === 0) return plan;
  const phases = plan.phases.map((phase) => ({
    ...phase,
    steps: phase.steps.map((step) => (broken.has(step.id) ? { ...step, actions: null } : step)),
  }));
  // What crosses the border here is JSON, as from another program: no type vouches for it.
  const changed: Plan = JSON.parse(JSON.stringify({ ...plan, phases }));
  const { hash: _, ...unhashed } = changed;
  return { ...unhashed, hash: hashPlan(unhashed) };
}
