/** A way back that loses something is gone only when a person has seen what. */
import type { Losses } from '../strategy/backup/losses.js';
import type { BackupAction } from '../strategy/plan.js';
import { ask, needOf } from './decisions.js';
import type { Run } from './run.js';

/** Asks. Returns the action as it may now be carried out, or why it is not. */
export async function approveLosses(
  run: Run,
  { responsible }: { readonly responsible: string | null },
  action: BackupAction,
  { question, evidence, state }: Losses,
): Promise<BackupAction | { readonly cause: string }> {
  const { item } = action;
  const needs = needOf(responsible);
  const { option, by, reason } = await ask(run, {
    ...{ kind: 'rollback-approval', subject: item, question, needs, evidence },
  });
  if (option === 'approve') return { ...action, task: { do: 'restore', approved: state } };
  const why = reason === null ? '.' : `: ${reason}`;
  return { cause: `${by} did not approve that the backup of ${item} is restored${why}` };
}
