/** One attempt at carrying the migration out: it is done, it fails, or an order stops it. */
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { Failed, type Failure, Interrupted } from './failure-types.js';
import type { Run, StoppingOrder } from './run.js';

export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'ordered'; readonly order: StoppingOrder };

/**
 * Runs `work` so that an order cancels it; the command under way is ended with its whole process group before this
 * returns. An order that arrives with the last step still counts.
 */
export async function attempt(run: Run, work: () => Promise<void>): Promise<Outcome> {
  const scope = new CancellationScope();
  run.interrupt = () => scope.cancel();
  let outcome: Outcome = { kind: 'done' };
  try {
    run.checkOrders();
    await scope.run(work);
  } catch (error) {
    if (error instanceof Failed) outcome = { kind: 'failed', failure: error.failure };
    else if (!(error instanceof Interrupted) && !isCancellation(error)) throw error;
  } finally {
    run.interrupt = () => {};
  }
  const order = run.takeOrder();
  return order === null ? outcome : { kind: 'ordered', order };
}

/**
 * Runs an undo. Orders wait for it, so that nothing is left half undone; only an abort that is said twice cancels it.
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

/** Runs `work`, which people's orders may break off; the next attempt finds the order and it is obeyed. */
export async function interruptible(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  }
}
