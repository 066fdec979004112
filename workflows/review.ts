/** Rows that a person settles: which side is right, or that somebody has set them as a reviewer stated. */
import type { ReconcileAction, Resolution } from '../strategy/plan.js';
import type { RowsToSettle } from '../strategy/reconcile/settle.js';
import { ask, needOf } from './decisions.js';
import type { Run } from './run.js';

/** The step that reconciles. */
export interface Reviewer {
  readonly subject: string;
  readonly responsible: string | null;
}

/** Asks. Returns what follows: the action with its next task, or why the step fails. */
export async function settleRows(
  run: Run,
  { responsible }: Reviewer,
  action: ReconcileAction,
  { kind, batch, question, evidence, checklist }: RowsToSettle,
): Promise<ReconcileAction | { readonly cause: string }> {
  const { item } = action.reconciliation;
  const asked = {
    subject: item,
    question,
    needs: needOf(action.reviewer ?? responsible),
    evidence,
    checklist,
  };
  if (kind === 'by-hand') {
    const answer = await ask(run, { kind: 'manual', ...asked });
    if (answer.option === 'done') return { ...action, task: { do: 'confirm', batch } };
    const why = answer.reason === null ? '.' : `: ${answer.reason}`;
    return { cause: `${answer.by} could not set the rows of ${item} as the review stated${why}` };
  }
  const { option, by, reason } = await ask(run, { kind: 'review', ...asked });
  if (!isResolution(option)) throw new Error(`A review was answered with "${option}".`);
  return { ...action, task: { do: 'resolve', batch, option, by, reason: reason ?? '' } };
}

export function isResolution(option: string): option is Resolution['option'] {
  return option === 'apply-source' || option === 'keep-target' || option === 'custom';
}
