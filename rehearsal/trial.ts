/** One trial: a copy, a fingerprint, a run in which one thing goes wrong, another fingerprint, and what that shows. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Trial } from '../activities/trials.js';
import { SluiceError } from '../client/error.js';
import type { Sluice } from '../client/sluice.js';
import { safeName } from '../strategy/layout.js';
import { commander, REHEARSER } from '../strategy/rehearsal/actor.js';
import { differenceOf } from '../strategy/rehearsal/difference.js';
import { describePoint, type Point, pointId } from '../strategy/rehearsal/points.js';
import { actionDurations, judge, type PointResult, undoDurations } from '../strategy/rehearsal/result.js';
import { isOver } from '../strategy/run/view.js';
import { makeCopy, type Surroundings } from './environment.js';
import { faultsOf } from './faults.js';
import { takeFingerprint } from './fingerprint.js';
import { followTrial, patiently } from './follow.js';

export interface Stage extends Surroundings {
  readonly client: Sluice;
  /** The trials under way, by run; the worker's activities look here. */
  readonly trials: Map<string, Trial>;
  /** For copies; not kept. */
  readonly scratch: string;
  /** For evidence; kept. */
  readonly folder: string;
  readonly seed: number;
  readonly compress: number;
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

/**
 * Carries out the trial of one point. `durations`: how long each action takes.
 * @throws NotRehearsed; when the stage's signal aborts
 */
export async function carryOutTrial(
  stage: Stage,
  point: Point,
  durations: Readonly<Record<string, number>>,
): Promise<PointResult> {
  const { plan, settings, client, trials, signal } = stage;
  const began = Date.now();
  const run = `rehearsal-${randomUUID()}`;
  const id = pointId(point);
  const evidence = join('evidence', safeName(id));
  const folder = join(stage.folder, evidence);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const copy = await makeCopy(stage, run, stage.scratch, join(folder, 'setup.log'));
  try {
    const before = await takeFingerprint(settings, copy, 'refuse');
    let struck = false;
    const strike = (): void => {
      struck = true;
    };
    const faultOf = faultsOf(point, durations, strike, levelCommand(stage, point, run));
    trials.set(run, { env: copy.env, faultOf });
    const { workspace } = copy.context;
    const start = { workspace, by: REHEARSER, id: run, compress: stage.compress };
    await patiently(() => client.submit(plan, start), signal);
    const { seed, patienceMs } = stage;
    const followed = { client, run, plan, point, seed, patienceMs, signal, rejected: strike };
    const view = await followTrial(followed);
    const events = await patiently(() => client.events(run), signal);
    // A trial ends with the completion: what comes afterwards is not tried.
    if (!isOver(view)) await abandon(stage, run);
    const after = await takeFingerprint(settings, copy, 'tell');
    const difference = differenceOf(before, after);
    const files = { 'before.txt': before, 'after.txt': after, 'difference.txt': difference.join('\n') };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), `${text}\n`);
    await writeFile(
      join(folder, 'events.jsonl'),
      events.map((event) => `${JSON.stringify(event)}\n`).join(''),
    );
    return {
      id,
      point,
      description: describePoint(point, plan),
      ...judge({ point, view, events, difference, struck }),
      difference: point.kind === 'straight' ? [] : difference,
      undos: undoDurations(events),
      at: new Date().toISOString(),
      durationMs: Date.now() - began,
      evidence,
      actions: point.kind === 'straight' ? actionDurations(events) : {},
    };
  } finally {
    if (signal.aborted) await abandon(stage, run);
    trials.delete(run);
    await copy.remove();
  }
}

/** Gives the command of the point: to its landing at first, and to the start when the run comes by again. */
function levelCommand({ plan, client, signal }: Stage, point: Point, run: string): () => Promise<void> {
  let given = 0;
  return async () => {
    if (point.kind !== 'level' && point.kind !== 'rollback-point') return;
    const to = given === 0 ? point.landing : 'start';
    given += 1;
    const by = commander(plan, 'rollback');
    const command = { command: 'rollback', to, by, reason: 'Rehearsal.' } as const;
    const updateId = randomUUID();
    await patiently(() => client.command(run, command, { updateId }), signal);
  };
}

/** Ends a run that does not end by itself; the second abort does not wait for an undo under way. */
async function abandon({ client, plan }: Stage, run: string): Promise<void> {
  const by = commander(plan, 'abort');
  try {
    for (const reason of ['The trial is over.', 'At once.']) {
      await client.command(run, { command: 'abort', by, reason });
    }
  } catch (error) {
    // It has ended, or nobody can reach it: its copy goes away in any case.
    if (!(error instanceof SluiceError)) throw error;
  }
}
