/** Plans that are too large to travel inside a run: read from the store, checked by their hash, phase by phase. */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { ApplicationFailure } from '@temporalio/activity';
import { hashPlan } from '../strategy/hash.js';
import { planFile } from '../strategy/layout.js';
import type { Plan, PlannedPhase } from '../strategy/plan.js';
import { PLAN_NOT_USABLE } from '../strategy/run/encoded-plan.js';
import { pageOf } from '../strategy/run/pages.js';
import type { StepsJob } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { codeOf } from './refusal.js';

/** The phases of the latest plans of each worker; the name of a plan is its content, so they never go stale. */
const caches = new WeakMap<Dependencies, Map<string, Promise<Plan['phases']>>>();
const CACHED = 4;

/**
 * The steps of a phase from `from` on: `count` of them, or as many as fit into a payload. Throws a failure of the type
 * `PLAN_NOT_USABLE` when the stored plan is missing or not what its name says; it may be there at the next try.
 */
export async function loadSteps(dependencies: Dependencies, job: StepsJob): Promise<PlannedPhase['steps']> {
  const phase = (await phasesOf(dependencies, job.plan))[job.phase];
  if (phase === undefined) {
    throw ApplicationFailure.nonRetryable(
      `The plan ${job.plan} has no phase number ${job.phase}.`,
      'NoSuchPhase',
    );
  }
  return pageOf(phase.steps, job.from, job.count);
}

async function phasesOf(dependencies: Dependencies, hash: string): Promise<Plan['phases']> {
  const cache = caches.get(dependencies) ?? new Map<string, Promise<Plan['phases']>>();
  caches.set(dependencies, cache);
  const known = cache.get(hash);
  if (known !== undefined) return known;
  const loading = load(planFile(dependencies.home, hash), hash);
  cache.set(hash, loading);
  for (const oldest of cache.keys()) {
    if (cache.size <= CACHED) break;
    cache.delete(oldest);
  }
  try {
    return await loading;
  } catch (error) {
    cache.delete(hash);
    throw error;
  }
}

async function load(file: string, hash: string): Promise<Plan['phases']> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw notUsable(file, `cannot be read (${codeOf(error)})`);
  }
  const plan = asPlan(text, hash);
  if (plan === null) throw notUsable(file, 'is damaged: its content does not match the hash in its name');
  return plan.phases;
}

function notUsable(file: string, why: string): ApplicationFailure {
  return ApplicationFailure.retryable(
    `The stored plan ${file} on ${hostname()} ${why}. Restore it there, or store it again with: sluice plan STRATEGY --store. The run waits for it and continues on its own.`,
    PLAN_NOT_USABLE,
  );
}

/** A text whose content has the hash is the plan that the client compiled, so no other check is needed. */
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
