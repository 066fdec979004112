/**
 * Rehearses a plan: one trial straight through, which measures, then one for each point, several at a time. All share one engine and
 * one worker of their own, apart from any other: no other worker can take a trial, and no run of yours can meet its faults.
 */
import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTrialActivities, type Trial } from '../activities/trials.js';
import { connect } from '../client/connect.js';
import { hashPlan } from '../strategy/hash.js';
import type { Plan } from '../strategy/plan.js';
import { refusalWithoutSetup, targetsOf } from '../strategy/rehearsal/isolation.js';
import { onlyAt, type Point, pointId, pointsOf } from '../strategy/rehearsal/points.js';
import type { RehearsalProgress } from '../strategy/rehearsal/progress.js';
import type { PointResult } from '../strategy/rehearsal/result.js';
import type { RehearsalSettings } from '../strategy/rehearsal/settings.js';
import { ensureEngine } from '../worker/engine.js';
import { startWorker } from '../worker/worker.js';
import { type OpenCopies, removeAtExit } from './leftovers.js';
import { NotRehearsed } from './not-rehearsed.js';
import { keyOf, type RehearsalReport, readResults, writeResults } from './results.js';
import { carryOutTrial, type Stage } from './trial.js';

export interface RehearsalOptions {
  readonly plan: Plan;
  readonly settings: RehearsalSettings;
  /** The strategy's own folder; it is copied, never changed. */
  readonly workspace: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For results and evidence. */
  readonly folder: string;
  /** The points of this step, gate or rollback point of a phase only. */
  readonly only: string | null;
  /** How many trials at a time. */
  readonly jobs: number;
  readonly seed: number;
  /** Divides every soak, interval, deadline and delay. */
  readonly compress: number;
  /** Milliseconds in which nothing happens, after which a run counts as stuck. */
  readonly patienceMs: number;
  /** Repeats points that are finished. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly progress: (progress: RehearsalProgress) => void;
}

/**
 * The results, in the order of the plan. Without a plan that completes, the other points are left out: none could be reached as planned.
 * @throws NotRehearsed; when `signal` aborts
 */
export async function rehearse(options: RehearsalOptions): Promise<RehearsalReport> {
  const { plan, settings, folder, seed, compress, signal } = options;
  // Every trial under way waits for it, and there may be more than the ten of which Node warns.
  setMaxListeners(0, signal);
  const targets = targetsOf(plan, settings);
  const refusal = refusalWithoutSetup(targets, settings);
  if (refusal !== null) throw new NotRehearsed(refusal);
  const all = pointsOf(plan);
  const points = options.only === null ? all : onlyAt(all, options.only);
  if (points.length < 2 && options.only !== null) {
    throw new NotRehearsed(
      `This plan has no step, gate or phase with a rollback point "${options.only}" with anything that a machine does. Name one of \`sluice plan\`.`,
    );
  }
  const key = keyOf(plan, settings, seed, compress);
  const known = options.fresh ? [] : await readResults(folder, key);
  const report = (results: readonly PointResult[]): RehearsalReport => ({
    ...{ format: 1, key, strategy: plan.strategy, plan: plan.hash },
    results: all.flatMap((point) => results.find(({ id }) => id === pointId(point)) ?? []),
  });
  const chosen = new Set(points.map(pointId));
  const only = ({ results, ...rest }: RehearsalReport): RehearsalReport => ({
    ...rest,
    results: results.filter(({ id }) => chosen.has(id)),
  });
  const results = new Map(known.map((result) => [result.id, result]));
  const open = points.filter((point) => !results.has(pointId(point)));
  if (open.length === 0) return only(report([...results.values()]));
  await withStage(options, async (stage) => {
    const tracker = new Tracker(points.length, points.length - open.length, options);
    let written: Promise<void> = Promise.resolve();
    const one = async (point: Point): Promise<void> => {
      tracker.began(point);
      const durations = results.get('straight')?.actions ?? {};
      const result = await carryOutTrial({ ...stage, targets }, point, durations);
      results.set(result.id, result);
      // One after another: the trials share the file.
      written = written.then(() => writeResults(folder, report([...results.values()])));
      await written;
      tracker.ended(result);
    };
    const [straight] = open;
    if (straight?.kind === 'straight') {
      open.shift();
      await one(straight);
    }
    if (results.get('straight')?.status === 'completed') await inParallel(open, options.jobs, one);
  });
  return only(report([...results.values()]));
}

/** One at a time per job; the first error ends them all, after what is under way. */
async function inParallel(
  points: readonly Point[],
  jobs: number,
  one: (point: Point) => Promise<void>,
): Promise<void> {
  const queue = [...points];
  const errors: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let point = queue.shift(); point !== undefined && errors.length === 0; point = queue.shift()) {
      await one(point).catch((error: unknown) => errors.push(error));
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  if (errors.length > 0) throw errors[0];
}

class Tracker {
  readonly #running = new Map<string, Point>();
  readonly #began = Date.now();
  #ended = 0;

  constructor(
    private readonly total: number,
    private readonly before: number,
    private readonly options: Pick<RehearsalOptions, 'progress'>,
  ) {}

  began(point: Point): void {
    this.#running.set(pointId(point), point);
    this.#tell(null);
  }

  ended(result: PointResult): void {
    this.#running.delete(result.id);
    this.#ended += 1;
    this.#tell(result);
  }

  #tell(finished: PointResult | null): void {
    const done = this.before + this.#ended;
    const perTrial = this.#ended === 0 ? null : (Date.now() - this.#began) / this.#ended;
    const leftMs = perTrial === null ? null : perTrial * (this.total - done);
    this.options.progress({ total: this.total, done, running: [...this.#running.keys()], leftMs, finished });
  }
}

/** An engine and a worker in a folder of their own, which is removed afterwards. */
async function withStage(
  options: RehearsalOptions,
  work: (stage: Omit<Stage, 'targets'>) => Promise<void>,
): Promise<void> {
  const { log } = options;
  const env = isolated(options.env);
  const scratch = await mkdtemp(join(tmpdir(), 'sluice-rehearsal-'));
  const home = join(scratch, 'home');
  const copies: OpenCopies = new Map();
  const keep = removeAtExit(scratch, copies);
  const opened: (() => Promise<void>)[] = [() => rm(scratch, { recursive: true, force: true }).then(keep)];
  try {
    const engine = await ensureEngine({ home, env, log });
    opened.push(() => engine.stop());
    const { address } = engine;
    const client = await connect({ address, home, env });
    opened.push(() => client.close());
    const trials = new Map<string, Trial>();
    const worker = await startWorker({
      ...{ home, env, log, connection: { address }, namespace: client.namespace },
      activities: (dependencies) => createTrialActivities(dependencies, (run) => trials.get(run)),
    });
    opened.push(() => worker.shutdown());
    await work({ ...options, plan: planOfTrials(options.plan), client, trials, scratch, copies });
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

/**
 * The people of a rehearsal hold no keys: in trials, votes count as claimed. Each trial has a copy of the systems, so none
 * waits for another.
 */
function planOfTrials(plan: Plan): Plan {
  if (plan.bindings.identity === undefined && plan.locks === undefined && plan.afterwards === undefined)
    return plan;
  const { hash, locks, afterwards, ...rest } = plan;
  const { identity, ...bindings } = rest.bindings;
  const unsigned = { ...rest, bindings };
  return { ...unsigned, hash: hashPlan(unsigned) };
}

/** Without what leads to another engine, or to other workers; its log tells of errors only, since faults are expected. */
function isolated(env: RehearsalOptions['env']): RehearsalOptions['env'] {
  return Object.fromEntries(
    Object.entries({ SLUICE_LOG_LEVEL: 'error', ...env }).filter(
      ([name]) =>
        !name.startsWith('TEMPORAL_') &&
        !['SLUICE_TASK_QUEUE', 'SLUICE_DEPLOYMENT', 'SLUICE_BUILD', 'SLUICE_HOME'].includes(name),
    ),
  );
}
