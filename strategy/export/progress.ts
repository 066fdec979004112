/** How far the named parts of a strategy are, as its own statuses say it. */
import type { MigrationView } from '../run/view.js';

export type Progress = 'not_started' | 'in_progress' | 'completed';

/** By the id of each prerequisite, phase, step and gate. */
export function progressById(view: MigrationView): ReadonlyMap<string, Progress> {
  const found = new Map<string, Progress>();
  for (const { id, status } of view.prerequisites) {
    found.set(id, status === 'verified' || status === 'skipped' ? 'completed' : progressOf(status));
  }
  for (const { id, status, steps, gate } of view.phases) {
    found.set(id, progressOf(status));
    for (const step of steps) found.set(step.id, progressOf(step.status));
    if (gate !== null) found.set(gate.id, progressOf(gate.status));
  }
  return found;
}

function progressOf(status: string): Progress {
  switch (status) {
    case 'completed':
    case 'skipped':
    case 'passed':
      return 'completed';
    // What was undone is as it was before it began.
    case 'pending':
    case 'rolled_back':
      return 'not_started';
    default:
      return 'in_progress';
  }
}

/** What a strategy says of the whole migration. */
export function migrationStatus(
  view: MigrationView,
): 'planned' | 'in_progress' | 'completed' | 'rolled_back' {
  switch (view.status) {
    case 'completed':
    case 'rolled_back':
      return view.status;
    case 'failed':
    case 'aborted':
      // It ended with nothing applied: either nothing was done, or all of it was undone.
      if (view.applied.length > 0) return 'in_progress';
      return view.phases.some(({ steps }) => steps.some(({ undone }) => undone > 0))
        ? 'rolled_back'
        : 'planned';
    case 'running':
    case 'waiting':
    case 'paused':
    case 'rolling_back':
      return 'in_progress';
    default:
      return view.status satisfies never;
  }
}
