/** `x-reconcile.correct`: after its work, a data migration compares both sides, corrects the target, and asks people about the rest. */
import { nonBlank } from '../../document.js';
import { meansOf } from '../../kinds/effects/index.js';
import type { Procedure, ReconcileAction, ReconcileTask } from '../../plan.js';
import { below } from '../../pointer.js';
import type { Compilation } from '../compilation.js';
import { shorten } from '../reporter.js';
import type { DataItem } from './data-tables.js';
import { reconciliationOf } from './reconciliation.js';

/** Rows that are corrected without asking, where the strategy does not say. */
const MOST = 1_000;

/** The procedure as it is without `x-reconcile.correct`. */
export function withCorrections(c: Compilation, item: DataItem, procedure: Procedure): Procedure {
  const settings = item.fields['x-reconcile'];
  const correct = settings?.correct ?? null;
  if (correct === null) return procedure;
  const pointer = below(item.pointer, 'x-reconcile', 'correct');
  const reconciliation = reconciliationOf(c, item);
  if ('why' in reconciliation) {
    c.report(pointer, {
      code: 'not-comparable',
      message: `nothing can be corrected: ${reconciliation.why}`,
      advice: 'Remove "correct", or make the item comparable.',
    });
    return procedure;
  }
  if (reconciliation.method.kind !== 'rows') {
    c.report(pointer, {
      code: 'not-every-row',
      message: 'rows are corrected only where every row is compared',
      advice: 'Write "method: rows", or remove "correct".',
    });
    return procedure;
  }
  const reviewer = nonBlank(settings?.reviewer);
  c.role(reviewer);
  const limits = { correct, max: settings?.max ?? MOST, reviewer };
  const action = (task: ReconcileTask): ReconcileAction => {
    return { kind: 'reconcile', reconciliation, ...limits, task };
  };
  const apply = action({ do: 'correct' });
  c.cover(pointer, `correct: ${correct}`, 'automated', meansOf(apply));
  return {
    ...procedure,
    actions: [...procedure.actions, apply],
    undo: undoOf(item, procedure.undo, action({ do: 'undo' })),
  };
}

/** What was corrected is restored first. */
function undoOf(
  { kind, id }: DataItem,
  undo: Procedure['undo'],
  restore: ReconcileAction,
): Procedure['undo'] {
  switch (undo.kind) {
    case 'impossible':
      return undo;
    case 'actions':
      return { ...undo, actions: [restore, ...undo.actions] };
    case 'nothing':
      return { kind: 'actions', actions: [restore], checks: [] };
    case 'none': {
      const items = [`Undo ${kind} ${shorten(id)}, which has no undo of its own`];
      return { kind: 'actions', actions: [restore, { kind: 'manual', items }], checks: [] };
    }
    default:
      return undo satisfies never;
  }
}
