/** Plans that are too large to travel inside a run: read from the store, checked by their hash, phase by phase. */
import { readFile } from 'node:fs/promises';
import { ApplicationFailure } from '@temporalio/activity';
import { hashPlan } from '../strategy/hash.js';
import { planFile } from '../strategy/layout.js';
import type { Plan, PlannedPhase } from '../strategy/plan.js';
import { pageOf } from '../strategy/run/pages.js';
import type { StepsJob } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { codeOf } from './program.js';

/** The phases of the latest plans; the name of a plan is its content, so they never go stale. */
const cache = new Map<string, Promise<Plan['phases']>>();
const CACHED = 4;

/** The steps of a phase from `from` on: `count` of them, or as many as fit into a payload. Fails for good when the stored plan is not what its name says. */
export async function loadSteps(dependencies: Dependencies, job: StepsJob): Promise<PlannedPhase['steps']> {
  const phase = (await phasesOf(planFile(dependencies.home, job.plan), job.plan))[job.phase];
  if (phase === undefined) {
    throw ApplicationFailure.nonRetryable(
      `The plan ${job.plan} has no phase number ${job.phase}.`,
      'PlanNotUsable',
    );
  }
  return pageOf(phase.steps, job.from, job.count);
}

async function phasesOf(file: string, hash: string): Promise<Plan['phases']> {
  const known = cache.get(file);
  if (known !== undefined) return known;
  const loading = load(file, hash);
  cache.set(file, loading);
  for (const oldest of cache.keys()) {
    if (cache.size <= CACHED) break;
    cache.delete(oldest);
  }
  try {
    return await loading;
  } catch (error) {
    cache.delete(file);
    throw error;
  }
}

async function load(file: string, hash: string): Promise<Plan['phases']> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw ApplicationFailure.retryable(
      `The plan ${file} cannot be read (${codeOf(error)}). Put it back where every worker of this run can read it; it is tried again.`,
      'PlanNotReadable',
    );
  }
  const plan = asPlan(text, hash);
  if (plan === null) {
    throw ApplicationFailure.nonRetryable(
      `The plan ${file} is not the one that was submitted: its content does not have the hash ${hash}. Restore it, or submit the strategy again.`,
      'PlanNotUsable',
    );
  }
  return plan.phases;
}

/** A text whose content has the hash is the plan that the client compiled, so nothing more needs to be checked. */
function asPlan(text: string, hash: string): Plan | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isPlan(value) && hashPlan(value) === hash ? value : null;
}

function isPlan(value: unknown): value is Plan {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === 1 &&
    'phases' in value &&
    Array.isArray(value.phases)
  );
}
