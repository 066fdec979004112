/**
 * Errors of sluice's own code. Thrown out of the workflow they would fail its task, which Temporal repeats for ever, or end
 * the run with its steps applied. Instead the run stops where it is, and a person decides.
 */
import { describeApplied } from '../strategy/run/wording.js';
import { ask, needOf } from './decisions.js';
import { causeOf, Interrupted } from './failure-types.js';
import { approved, levelOf } from './levels.js';
import { resumeRollback, rollBack } from './rollback.js';
import type { Run } from './run.js';

/**
 * Runs `work`, which people's commands may break off; the next attempt finds the command and acts on it. An error of
 * sluice's own is put to a person, as often as it comes back.
 */
export async function interruptible(run: Run, work: () => Promise<void>): Promise<void> {
  let next = work;
  for (let asked = run.view.seq; ; asked = run.view.seq) {
    try {
      return await next();
    } catch (error) {
      if (error instanceof Interrupted) return;
      const cause = causeOf(error);
      // The question itself could not be put.
      if (next !== work && run.view.seq === asked) throw error;
      next = () => decideAfterError(run, cause);
    }
  }
}

/** Asked also under `--on-failure full`: code that has just failed does not undo everything unasked. */
export async function decideAfterError(run: Run, cause: string): Promise<void> {
  for (;;) {
    const answer = await ask(run, {
      kind: 'failure',
      subject: 'sluice',
      question: `sluice stopped because of an internal error: ${cause} Nothing was undone. Retry, roll back, or abort? For details, see the worker's log.`,
      options: ['retry', ...(run.view.applied.length > 0 ? (['rollback-full'] as const) : []), 'abort'],
      needs: needOf(levelOf(run, 'full')?.responsible ?? null),
    });
    switch (answer.option) {
      case 'rollback-full':
        if (!(await approved(run, 'full', cause))) continue;
        return rollBack(run, { level: 'full', failure: null, cause, by: answer.by, landing: 'start' });
      case 'abort':
        return run.end('aborted', `Aborted by ${answer.by} after: ${cause} ${describeApplied(run.view)}`);
      default:
        // With no rollback under way, the migration is carried out again from where it stands.
        return resumeRollback(run);
    }
  }
}
