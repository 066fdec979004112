/**
 * Sends a share of the requests to the new version, exactly once in effect, or sets the route as it was before the step.
 *
 * What was set before is saved in the job folder before the first change, so an attempt after a kill simply sets the same again:
 * every port's `set` is harmless when repeated. Only a read-back of the same setting counts as done.
 */
import { readFile, rename } from 'node:fs/promises';
import { titleOf } from '../../../strategy/kinds/effects/index.js';
import { jobFolder } from '../../../strategy/layout.js';
import type { TrafficAction } from '../../../strategy/plan.js';
import { interruption, withHeartbeat, workerLeft } from '../../attempt.js';
import type { EffectJob, EffectOutcome } from '../../contract.js';
import type { Dependencies } from '../../dependencies.js';
import { point } from '../../fault-points.js';
import { probeContextOf } from '../../probes/index.js';
import { codeOf, Refusal } from '../../refusal.js';
import { UnresolvedReference } from '../../secrets.js';
import { createJob, syncFolder } from '../command/job.js';
import { writeSynced } from '../config-file/replace.js';
import { appliedFolders, readDone, saveDone } from '../config-file/saved.js';
import type { TrafficPort } from './port.js';
import { portOf } from './ports.js';

type Job = EffectJob<TrafficAction>;
type Ending =
  | { readonly outcome: 'done'; readonly output: string }
  | { readonly outcome: 'failed'; readonly cause: string };

/** Milliseconds that one command or request of a port may take at most. */
const CALL_MS = 60_000;

/** Returns the outcome of `job.action`; throws only when the next attempt must do it. */
export async function runTraffic(dependencies: Dependencies, job: Job): Promise<EffectOutcome> {
  return withHeartbeat(async () => {
    const began = Date.now();
    const ending = await attend(dependencies, job);
    point('before-return');
    const times = { exitCode: null, durationMs: Date.now() - began };
    return ending.outcome === 'done' ? { ...ending, ...times } : { ...ending, ...times, output: '' };
  });
}

async function attend(dependencies: Dependencies, job: Job): Promise<Ending> {
  const { context, key, action } = job;
  const folder = jobFolder(dependencies.home, context.run, context.execution, key);
  const interrupted = interruption();
  if (interrupted === 'leave') throw workerLeft();
  const done = await readDone(folder);
  if (done !== null) return { outcome: 'done', output: done };
  if (interrupted === 'stop') return { outcome: 'failed', cause: 'stopped before it started.' };
  const settings = { probes: [], baselines: {}, timeoutMs: Math.min(CALL_MS, job.timeoutMs) };
  const probes = await probeContextOf(dependencies, context, settings);
  const port = portOf(action.source, probes, dependencies);
  try {
    point('before-job-folder');
    createJob(folder, { run: context.run, ...key, what: titleOf(action), workspace: context.workspace });
    point('after-job-folder');
    const ending =
      action.change.do === 'shift'
        ? await shift(port, action, action.change.percent, folder)
        : await restore(port, action, await foundBefore(dependencies, job));
    if (ending.outcome === 'done') await saveDone(folder, ending.output);
    return ending;
  } catch (error) {
    if (interruption() === 'leave') throw workerLeft();
    if (error instanceof Refusal || error instanceof UnresolvedReference)
      return { outcome: 'failed', cause: error.message };
    throw error;
  }
}

async function shift(
  port: TrafficPort,
  action: TrafficAction,
  percent: number,
  folder: string,
): Promise<Ending> {
  let found = await readFound(folder, action.route);
  if (found === null) {
    found = await port.read();
    point('before-journal-row');
    await saveFound(folder, { route: action.route, found });
    point('after-journal-row');
  }
  const wanted = await port.settingFor(percent, found);
  await port.set(wanted);
  const now = await port.read();
  if (now === wanted) return { outcome: 'done', output: titleOf(action) };
  await port.set(found);
  const left = (await port.read()) === found ? 'It was set back.' : 'It could not be set back either.';
  return {
    outcome: 'failed',
    cause: `The traffic of ${action.route} did not take ${percent}%: it was set to ${wanted} and reads ${now}. ${left} See who else sets it, and retry.`,
  };
}

async function restore(port: TrafficPort, action: TrafficAction, found: string | null): Promise<Ending> {
  if (found === null) {
    return {
      outcome: 'done',
      output: `traffic ${action.route}: it was not changed, so nothing was restored.`,
    };
  }
  await port.set(found);
  const now = await port.read();
  if (now === found) return { outcome: 'done', output: titleOf(action) };
  return {
    outcome: 'failed',
    cause: `The traffic of ${action.route} was set back to ${found} and reads ${now}. See who else sets it and retry, or set it by hand and answer done.`,
  };
}

/** What was set before the step's first shift of the route; null when it never began one. */
async function foundBefore(
  dependencies: Dependencies,
  { context, key, action }: Job,
): Promise<string | null> {
  const folders = await appliedFolders(dependencies.home, context.run, key, context.execution);
  const found = await Promise.all(folders.map((folder) => readFound(folder, action.route)));
  return found.filter((setting) => setting !== null).at(-1) ?? null;
}

interface Found {
  readonly route: string;
  readonly found: string;
}

async function saveFound(folder: string, found: Found): Promise<void> {
  await writeSynced(`${folder}/found.tmp`, JSON.stringify(found));
  await rename(`${folder}/found.tmp`, `${folder}/found.json`);
  await syncFolder(folder);
}

/** Null when the job saved none, or one of another route. */
async function readFound(folder: string, route: string): Promise<string | null> {
  try {
    const value: unknown = JSON.parse(await readFile(`${folder}/found.json`, 'utf8'));
    if (!isFound(value)) throw new Error(`${folder}/found.json is not what a traffic action saves.`);
    return value.route === route ? value.found : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function isFound(value: unknown): value is Found {
  if (typeof value !== 'object' || value === null) return false;
  const { route, found }: Partial<Record<keyof Found, unknown>> = value;
  return typeof route === 'string' && typeof found === 'string';
}
