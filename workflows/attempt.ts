/** One attempt at carrying the migration out: it is done, it fails, sluice fails, or a command stops it. */
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { causeOf, Failed, type Failure, Interrupted } from './failure-types.js';
import type { Run, StoppingCommand } from './run.js';

export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** By an error of sluice itself. */
  | { readonly kind: 'broken'; readonly cause: string }
  | { readonly kind: 'commanded'; readonly command: StoppingCommand };

/**
 * Runs `work` so that a command cancels it; the command under way is ended with its whole process group before this
 * returns. A command that arrives with the last step still counts.
 */
export async function attempt(run: Run, work: () => Promise<void>): Promise<Outcome> {
  const scope = new CancellationScope();
  run.interrupt = () => scope.cancel();
  let outcome: Outcome = { kind: 'done' };
  try {
    run.checkCommands();
    await scope.run(work);
  } catch (error) {
    if (error instanceof Failed) outcome = { kind: 'failed', failure: error.failure };
    else if (!(error instanceof Interrupted) && !isCancellation(error)) {
      outcome = { kind: 'broken', cause: causeOf(error) };
    }
  } finally {
    run.interrupt = () => {};
  }
  const command = run.takeCommand();
  return command === null ? outcome : { kind: 'commanded', command };
}

/**
 * Runs an undo. Commands wait for it, so that nothing is left half undone; only an abort that is sent twice cancels it.
 * Null when that happened.
 */
export async function unlessForced<T>(run: Run, undo: () => Promise<T>): Promise<T | null> {
  const scope = new CancellationScope();
  run.force = () => scope.cancel();
  try {
    return await scope.run(undo);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return null;
  } finally {
    run.force = () => {};
  }
}
