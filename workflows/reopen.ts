/** A failure after the completion, and taking a completed migration back. */
import type { FollowUp } from '../strategy/plan.js';
import type { RequirementView } from '../strategy/run/requirement.js';
import { type Answer, ask, needOf } from './decisions.js';
import { Interrupted } from './failure-types.js';
import { approved, levelOf } from './levels.js';
import { takeLocks } from './locks.js';
import { execute } from './rollback.js';
import type { Run, StoppingCommand } from './run.js';

/**
 * Asks what follows: again, go on without it, or take the whole migration back. @returns `retry` or `skip`
 * @throws Interrupted when the migration is taken back
 */
export async function askAfterFailure(
  run: Run,
  { id, name, responsible }: Pick<FollowUp, 'id' | 'name'> & { readonly responsible: string | null },
  { cause, evidence }: { readonly cause: string; readonly evidence: readonly RequirementView[] },
): Promise<Answer> {
  const back = run.view.applied.length > 0;
  for (;;) {
    const answer = await ask(run, {
      kind: 'failure',
      subject: id,
      question: `${id} (${name}), after the completion: ${cause} Retry (for the monitoring period: keep watching), skip it, or roll the migration back?`,
      options: ['retry', 'skip', ...(back ? (['rollback-full'] as const) : [])],
      needs: needOf(responsible ?? levelOf(run, 'full')?.responsible ?? null),
      evidence,
    });
    if (answer.option !== 'rollback-full') return answer;
    if (!(await approved(run, 'full', cause))) continue;
    run.requestStop({ command: 'rollback', to: 'start', by: answer.by, reason: cause });
    throw new Interrupted();
  }
}

/** What a command does to a run that is completed and still watched. */
export async function executeAfterwards(run: Run, command: StoppingCommand): Promise<void> {
  const why = command.reason === undefined ? '' : `: ${command.reason}`;
  if (command.command === 'abort') {
    const left = (run.view.afterwards?.followUps ?? []).filter(
      ({ status }) => status !== 'completed' && status !== 'skipped',
    );
    const open = left.length === 0 ? '' : ` Not settled: ${left.map(({ id }) => id).join(', ')}.`;
    run.end(
      'completed',
      `The migration is completed. ${command.by} ended what comes afterwards${why}.${open}`,
    );
    return;
  }
  if (command.command === 'rollback' && !(await mayReopen(run))) return;
  run.emit({ type: 'reopened', by: command.by, reason: `The completed migration is taken back${why}.` });
  run.answered.known.clear();
  run.answered.vouched.clear();
  await takeLocks(run);
  await execute(run, command);
}

/** What was cleaned up stays so: a person says whether the way back still exists. */
async function mayReopen(run: Run): Promise<boolean> {
  const done = (run.view.afterwards?.followUps ?? []).filter(
    ({ irreversible, status }) => irreversible && status !== 'pending' && status !== 'skipped',
  );
  if (done.length === 0) return true;
  const names = done.map(({ id, name }) => `${id} (${name})`);
  const answer = await ask(run, {
    kind: 'confirm',
    subject: 'reopening',
    question: `${names.join(', ')} was carried out after the completion, and sluice cannot undo it. Roll back the migration anyway?`,
    needs: needOf(levelOf(run, 'full')?.responsible ?? null),
    checklist: names.map((name) => `the way back works without what ${name} removed`),
  });
  return answer.option === 'confirm';
}
