/** The locks of a run: taken before anything is touched, one after the other, and released when it ends. */
import {
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { LOCK_SIGNALS, LOCK_TOLD, type LockTold, lockId } from '../strategy/run/lock.js';
import { shared } from './activities.js';
import type { Run } from './run.js';

/** Hears from the locks where the claims of this run stand. */
export function listenToLocks(run: Run): void {
  if (locksOf(run).length === 0) return;
  setHandler(defineSignal<[LockTold]>(LOCK_TOLD), ({ lock, execution, wait }) => {
    if (execution !== run.execution || run.ended || run.locks.get(lock) !== false) return;
    if (wait === null) run.locks.set(lock, true);
    else run.emit({ type: 'lock-awaited', ...wait });
  });
}

/**
 * Returns once this run holds all its locks. All runs take theirs in the same order, so no two wait for each other.
 * @throws Interrupted when a command stops the run meanwhile.
 */
export async function takeLocks(run: Run): Promise<void> {
  const missing = locksOf(run).filter((lock) => run.locks.get(lock) !== true);
  for (const lock of missing) {
    run.checkCommands();
    run.locks.set(lock, false);
    await shared.claimLock({ lock, run: run.view.run, execution: run.execution });
    await condition(() => run.locks.get(lock) === true || run.command !== null);
  }
  run.checkCommands();
  if (missing.length > 0) run.emit({ type: 'locks-taken', locks: missing });
}

/** Also of claims that still wait. A lock that is gone needs no release. */
export async function releaseLocks(run: Run): Promise<void> {
  const { taskQueue } = workflowInfo();
  const claim = { run: run.view.run, execution: run.execution };
  for (const lock of run.locks.keys()) {
    try {
      await getExternalWorkflowHandle(lockId(taskQueue, lock)).signal(LOCK_SIGNALS.release, claim);
    } catch {
      // The lock finds out by itself that this run has ended.
    }
  }
}

/** Runs of earlier builds have plans without locks. */
function locksOf(run: Run): readonly string[] {
  return run.plan.locks ?? [];
}
