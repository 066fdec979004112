/** What a lock cannot see from inside Temporal's sandbox: how it is started, and whether a run is still open. */
import { Context, getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { type Claim, LOCK_SIGNALS, LOCK_WORKFLOW, lockId } from '../strategy/run/lock.js';
import type { LockJob } from './contract.js';

/** How often a run that holds a contended lock is looked at, in milliseconds. */
const INTERVAL_MS = 2_000;

/** Puts the claim at the end of the queue of its lock, and starts the lock where nobody holds it. A repeat changes nothing. */
export async function claimLock({ lock, run, execution }: LockJob): Promise<void> {
  const { taskQueue } = Context.current().info;
  const claim: Claim = { run, execution };
  await getClient().workflow.signalWithStart(LOCK_WORKFLOW, {
    workflowId: lockId(taskQueue, lock),
    taskQueue,
    args: [{ name: lock, claims: [] }],
    signal: LOCK_SIGNALS.claim,
    signalArgs: [claim],
    staticSummary: `lock of ${lock}`,
  });
}

/** Returns once the run is not open any more, however it ended. */
export async function untilRunEnds(claim: Claim): Promise<void> {
  const context = Context.current();
  while (await isOpen(claim)) {
    context.heartbeat();
    await context.sleep(INTERVAL_MS);
  }
}

async function isOpen({ run, execution }: Claim): Promise<boolean> {
  try {
    const { status, raw } = await getClient().workflow.getHandle(run).describe();
    return status.name === 'RUNNING' && raw.workflowExecutionInfo?.firstRunId === execution;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
