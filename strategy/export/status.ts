/** How far the whole migration is, as the strategy's own status says it. */
import type { MigrationView } from '../run/view.js';

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
