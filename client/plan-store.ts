/** Where a plan lies that is too large to travel inside a run. Addressed by its hash, so writing it twice is harmless. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { planFile } from '../strategy/layout.js';
import type { Plan } from '../strategy/plan.js';
import { type CarriedPlan, INLINE_LIMIT, type PlanHead } from '../strategy/run/messages.js';

/** The form in which the plan travels; a large one is stored first, safely on disk. */
export async function carry(plan: Plan, home: string): Promise<CarriedPlan> {
  const text = JSON.stringify(plan);
  if (Buffer.byteLength(text) <= INLINE_LIMIT) return { kind: 'inline', plan };
  await store(planFile(home, plan.hash), text);
  return { kind: 'stored', head: headOf(plan) };
}

export function headOf(plan: Plan): PlanHead {
  return {
    ...plan,
    phases: plan.phases.map((phase) => ({
      ...phase,
      steps: phase.steps.map(({ id, name, type }) => ({ id, name, type })),
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
