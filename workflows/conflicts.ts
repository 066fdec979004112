/** Rows that both sides of a migration in rounds have changed: a person decides which one is right, and only these rows wait for it. */
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { EffectOutcome } from '../activities/contract.js';
import type { SyncAction } from '../strategy/plan.js';
import type { RowsToSettle } from '../strategy/reconcile/settle.js';
import { type Answer, ask, needOf, type Question } from './decisions.js';
import { isResolution, type Reviewer } from './review.js';
import type { Run } from './run.js';

type Rounds = (action: SyncAction) => Promise<EffectOutcome>;

/** Asks. Returns the action with the answer, or why the step fails. `rounds`: carries the action out once. */
export async function settleConflicts(
  run: Run,
  { responsible }: Reviewer,
  action: SyncAction,
  { batch, question, evidence, since }: RowsToSettle,
  rounds: Rounds,
): Promise<SyncAction | { readonly cause: string }> {
  const needs = needOf(action.reviewer ?? responsible);
  const asked: Question = { kind: 'review', subject: action.item, question, needs, evidence };
  // Before the target takes over, nobody writes, and there is nothing to bring over.
  const answer =
    action.do === 'rounds' ? await whileRoundsGoOn(run, asked, action, rounds) : await ask(run, asked);
  if ('cause' in answer) return answer;
  const { option, by, reason } = answer;
  if (!isResolution(option)) throw new Error(`A review was answered with "${option}".`);
  return { ...action, ...(since && { since }), answer: { batch, option, by, reason: reason ?? '' } };
}

/** The activity ends only when it is told to, or when its time is up: the history does not grow with the rounds. */
async function whileRoundsGoOn(
  run: Run,
  question: Question,
  action: SyncAction,
  rounds: Rounds,
): Promise<Answer | { readonly cause: string }> {
  const goingOn = new CancellationScope();
  const asking = new CancellationScope();
  let failed: EffectOutcome | null = null;
  let broken: unknown = null;
  const { answer: _, ...rest } = action;
  const going = goingOn
    .run(async () => {
      while (!goingOn.consideredCancelled) {
        const outcome = await rounds({ ...rest, reviewing: true });
        if (goingOn.consideredCancelled || outcome.outcome === 'done') continue;
        failed = outcome;
        return;
      }
    })
    .catch((error: unknown) => {
      if (!isCancellation(error)) broken = error;
    })
    .finally(() => {
      if (!goingOn.consideredCancelled) asking.cancel();
    });
  try {
    return await asking.run(() => ask(run, question));
  } catch (error) {
    if (broken !== null) throw broken;
    if (failed === null) throw error;
    return { cause: causeOf(failed) };
  } finally {
    goingOn.cancel();
    await going;
  }
}

function causeOf(outcome: EffectOutcome): string {
  return outcome.outcome === 'done' ? '' : outcome.cause;
}
