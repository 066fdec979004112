/** Both sides of a data migration compared, and the target corrected. */
import type { ReconcileAction } from '../../plan.js';
import { NEEDS_NOTHING } from '../needs.js';
import type { EffectKind } from './kind.js';

export const reconcile: EffectKind<ReconcileAction> = {
  runs: 'any',
  needs: ({ reconciliation: { source, target } }) => ({
    ...NEEDS_NOTHING,
    connections: [...new Set([source, target])],
  }),
  title: (action) => `${action.reconciliation.item}: ${describe(action)}`,
  means: (action) => `${place(action)}: ${describe(action)}`,
  describe: (action) => `reconcile ${action.reconciliation.item} ${place(action)}: ${describe(action)}`,
};

function place({ reconciliation: { source, target } }: ReconcileAction): string {
  return source === target ? `on ${source}` : `from ${source} to ${target}`;
}

function describe({ task, correct, max, reviewer }: ReconcileAction): string {
  switch (task.do) {
    case 'undo':
      return 'restore the rows that were corrected';
    case 'resolve':
      return `${task.option} for the rows that were reviewed`;
    case 'confirm':
      return 'check the rows that were set by hand';
    case 'correct':
      return `${CORRECTS[correct](max)}, and ask ${reviewer === null ? 'a person' : `"${reviewer}"`} about the rest`;
    default:
      return task satisfies never;
  }
}

const CORRECTS = {
  off: () => 'compare both sides',
  'dry-run': () => 'compare both sides, say what could be corrected',
  missing: (max: number) => `insert up to ${max} missing rows`,
  fields: (max: number) => `insert or overwrite up to ${max} rows that differ`,
} as const;
