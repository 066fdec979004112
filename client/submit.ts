/** Starting a run. */

import type { Plan } from '../strategy/plan.js';
import { type RunInput, WORKFLOW } from '../strategy/run/messages.js';
import type { OnFailure } from '../strategy/run/view.js';
import { SluiceError } from './error.js';
import { makeMemo, readMemo } from './memo.js';
import { encodePlan } from './plan-store.js';
import { recordedRun } from './record.js';
import { checkRunId, newRunId } from './run-id.js';
import { ask, type Session } from './session.js';
import { WorkflowExecutionAlreadyStartedError } from './temporal.js';

export interface SubmitOptions {
  /** Absolute path of the folder with the strategy's scripts, on the host that carries it out. */
  readonly workspace: string;
  /** Who submits the run. */
  readonly by: string;
  /** The run's id; by default made from the strategy's name and the time. */
  readonly id?: string | undefined;
  /** By default `strategy`: as the file says. */
  readonly onFailure?: OnFailure | undefined;
  /** Divides every soak, interval, deadline and delay, for trials; by default 1. */
  readonly compress?: number | undefined;
}

export interface Submitted {
  readonly run: string;
  /** True when a run of this id and plan was already under way, and nothing new was started. */
  readonly attached: boolean;
}

/**
 * Starts a run of the plan. It begins as soon as a worker polls.
 * @throws SluiceError `run-exists` when the id belongs to a run of another plan, or to one that has ended;
 *   `bad-run-id`; `no-engine`.
 */
export async function submit(session: Session, plan: Plan, options: SubmitOptions): Promise<Submitted> {
  const run = options.id === undefined ? newRunId(plan.strategy.name, new Date()) : checkRunId(options.id);
  // An id that the engine has forgotten, since its history is deleted after a while, still names a record.
  if ((await recordedRun(session.home, run)) !== null) throw usedId(run);
  const input: RunInput = {
    plan: await encodePlan(plan, session.home),
    workspace: options.workspace,
    by: options.by,
    onFailure: options.onFailure ?? 'strategy',
    compress: options.compress ?? 1,
    continued: null,
  };
  try {
    await ask(session, null, () =>
      session.client.workflow.start(WORKFLOW, {
        workflowId: run,
        taskQueue: session.taskQueue,
        args: [input],
        memo: makeMemo(plan, options.by),
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        staticSummary: `${plan.strategy.name}, submitted by ${options.by}`,
      }),
    );
    return { run, attached: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return attach(session, run, plan);
  }
}

async function attach(session: Session, run: string, plan: Plan): Promise<Submitted> {
  const found = await ask(session, run, () => session.client.workflow.getHandle(run).describe());
  const theirs = readMemo(found.memo);
  if (found.status.name !== 'RUNNING') {
    throw usedId(run);
  }
  if (theirs?.planHash === plan.hash) return { run, attached: true };
  const what =
    theirs === null ? 'an unknown plan' : `plan ${theirs.planHash.slice(0, 12)} of ${theirs.strategy}`;
  throw new SluiceError(
    'run-exists',
    `The run "${run}" is already running ${what}, and this is plan ${plan.hash.slice(0, 12)}.`,
    `Use another --id, or abort that run first: sluice abort ${run}.`,
  );
}

function usedId(run: string): SluiceError {
  return new SluiceError(
    'run-exists',
    `The run "${run}" has ended, and ids cannot be reused.`,
    `See it: sluice status ${run}. Use another --id for this one.`,
  );
}
