/** Where a plan lies that is too large to travel inside a run. Addressed by its hash, so writing it twice is harmless. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { planFile } from '../strategy/layout.js';
import type { Plan } from '../strategy/plan.js';
import { type EncodedPlan, INLINE_LIMIT, type PlanHead } from '../strategy/run/messages.js';
import { outlineOfStep } from '../strategy/run/outline.js';
import { SluiceError } from './error.js';

/** The form in which the plan travels; a large one is stored first, safely on disk. */
export async function encodePlan(plan: Plan, home: string): Promise<EncodedPlan> {
  const text = JSON.stringify(plan);
  if (Buffer.byteLength(text) <= INLINE_LIMIT) return { kind: 'inline', plan };
  const head = headOf(plan);
  refuseIfTooLarge(plan, head);
  await store(planFile(home, plan.hash), text);
  return { kind: 'stored', head };
}

/** Stores the plan under its hash, where a run that lost its stored plan finds it. @returns the path of the file */
export async function storePlan(plan: Plan, home: string): Promise<string> {
  const path = planFile(home, plan.hash);
  await store(path, JSON.stringify(plan));
  return path;
}

/** Bytes of what travels in one piece: Temporal's limit is 2 MiB, and details, votes and the like travel along. */
const PIECE_LIMIT = 1.5 * 1024 * 1024;

/** Bytes of what a view keeps of one step when a run continues in a new history; its id among the applied ones included (see strategy/run/carry.ts). */
const STEP_STATE = 80;

function refuseIfTooLarge(plan: Plan, head: PlanHead): void {
  const large = plan.phases
    .flatMap(({ steps }) => steps)
    .find((step) => Buffer.byteLength(JSON.stringify(step)) > PIECE_LIMIT);
  if (large !== undefined) {
    throw new SluiceError(
      'bad-plan',
      `The step ${large.id} is larger than 1.5 MiB, the limit for one step.`,
      'Move its commands or SQL into a script.',
    );
  }
  const steps = head.phases.reduce((sum, phase) => sum + phase.steps.length, 0);
  if (Buffer.byteLength(JSON.stringify(head)) + steps * STEP_STATE <= PIECE_LIMIT) return;
  throw new SluiceError(
    'bad-plan',
    `This strategy is too large: without the contents of its ${steps} steps it still exceeds the limit of 1.5 MiB.`,
    'Shorten its sections and bindings, give steps and gates shorter names, or split the strategy.',
  );
}

export function headOf(plan: Plan): PlanHead {
  return {
    ...plan,
    phases: plan.phases.map((phase) => ({
      ...phase,
      steps: phase.steps.map(outlineOfStep),
    })),
  };
}

async function store(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const next = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = await open(next, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, path);
  await syncFolder(folder);
}

/** A rename is on disk only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
