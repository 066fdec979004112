/** Where a rollback of a run may stop, to choose from. */
import type { MigrationView } from './view.js';

/** Of a long run only the latest steps are offered one by one; the completed phases and the start always are. */
const STEPS = 50;

/** The ids that stay with all before them, the latest first, and `start`. What was applied last is left out: nothing lies behind it. */
export function landingsOf({
  applied,
  phases,
}: Pick<MigrationView, 'applied' | 'phases'>): readonly string[] {
  const steps = applied.slice(0, -1).slice(-STEPS).toReversed();
  const completed = phases.filter(({ status }) => status === 'completed').map(({ id }) => id);
  // A phase that ended the applied steps has nothing behind it either.
  const last = phases.at(completed.length);
  const behind = last === undefined || last.status === 'pending' ? completed.slice(0, -1) : completed;
  return [...steps, ...behind.toReversed(), 'start'];
}
