/** Baselines of a whole run. */
import type { Baselines, MigrationView } from './view.js';

/** What each metric was before the first step that compares with it: what is "normal" after the completion. */
export function firstBaselines({ phases }: Pick<MigrationView, 'phases'>): Baselines {
  const steps = phases.flatMap((phase) => phase.steps);
  return Object.assign({}, ...steps.toReversed().map(({ baselines }) => baselines));
}
