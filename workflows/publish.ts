/** Keeps the run's memo up to date, so that lists and inboxes need not ask the run. */
import { CancellationScope, condition, upsertMemo } from '@temporalio/workflow';
import { publishedOf } from '../strategy/run/published.js';
import { isWatched, type MigrationView } from '../strategy/run/view.js';
import type { Run } from './run.js';

/**
 * Publishes at the end of each workflow task in which the status, the open decisions or the awaited lock changed: one event of the
 * history per wait, however many events of the record led there. Never ends by itself.
 */
export function keepPublished(run: Run): void {
  void CancellationScope.nonCancellable(async () => {
    let published: Pick<MigrationView, 'status' | 'decisions' | 'lockWait' | 'afterwards'> = {
      status: 'running',
      decisions: [],
    };
    const changed = () =>
      run.view.status !== published.status ||
      run.view.lockWait !== published.lockWait ||
      (isWatched(run.view) && run.view.afterwards !== published.afterwards) ||
      (run.view.decisions !== published.decisions &&
        run.view.decisions.length + published.decisions.length > 0);
    for (;;) {
      await condition(changed);
      const { view } = run;
      published = view;
      upsertMemo({ published: publishedOf(view) });
    }
  });
}
