/** `sluice amend`: a live run takes a corrected plan, once the people whose gates it concerns approve. */
import { CancellationScope, upsertMemo } from '@temporalio/workflow';
import { hashPlan } from '../strategy/hash.js';
import type { Plan } from '../strategy/plan.js';
import { amendedView } from '../strategy/run/amended-view.js';
import { type Amendment, amendmentOf } from '../strategy/run/amendment.js';
import type { Signed } from '../strategy/run/event.js';
import type { AmendCommand } from '../strategy/run/messages.js';
import { outlineOf } from '../strategy/run/outline.js';
import { askFor, needsOf } from './decisions.js';
import { Interrupted } from './failure-types.js';
import { continueWithPlan } from './record.js';
import type { Run } from './run.js';

/** Why the run cannot take this plan; null when it can. */
export function refusalOfAmendment(run: Run, plan: Plan): string | null {
  const found = examined(run, plan);
  return 'why' in found ? found.why : null;
}

function examined(run: Run, plan: Plan): Amendment | { readonly why: string } {
  if (run.awaitsApproval) {
    return { why: 'Another command is already waiting for approval. Answer that decision first.' };
  }
  const { plan: current } = run.input;
  if (current.kind !== 'inline') {
    return {
      why: 'A plan over 1 MiB travels by reference, and such a run cannot be amended. Start a new run.',
    };
  }
  if (hashPlan(plan) !== plan.hash) {
    return { why: 'The plan does not match its hash. Send it again: sluice amend.' };
  }
  return amendmentOf(current.plan, plan, run.view);
}

/** The run is paused while the approvers are asked, and stays so: who amended it looks once more before it continues. */
export function requestAmendment(run: Run, command: AmendCommand, proof: Signed): void {
  const found = examined(run, command.plan);
  if ('why' in found) return;
  const { by, plan, reason = null } = command;
  const { changes } = found;
  const { hash: from } = run.plan;
  run.emit({ type: 'amendment-requested', by, reason, from, to: plan.hash, changes, ...proof });
  if (run.view.pausedBy === null) run.emit({ type: 'paused', by, reason: 'the plan is being amended' });
  if (found.approvers.length === 0) run.requestStop(command);
  else void CancellationScope.nonCancellable(() => onceApproved(run, command, found));
}

async function onceApproved(
  run: Run,
  command: AmendCommand,
  { changes, approvers }: Amendment,
): Promise<void> {
  const { by, plan, reason } = command;
  run.awaitsApproval = true;
  try {
    const answer = await askFor(
      run,
      {
        kind: 'amendment',
        subject: plan.hash.slice(0, 12),
        question: `Continue with plan ${plan.hash.slice(0, 12)} instead of ${run.plan.hash.slice(0, 12)}? Requested by ${by}${reason === undefined ? '.' : `: ${reason}`}`,
        needs: needsOf(run, approvers),
        checklist: changes,
        requestedBy: by,
      },
      null,
    );
    run.awaitsApproval = false;
    if (answer?.option === 'approve') run.requestStop(command);
  } catch (error) {
    // Another command came first, or the run has ended.
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    run.awaitsApproval = false;
  }
}

/**
 * Continues as new with the other plan. The event is the next Temporal run's, which begins with the plan that it tells
 * of; until then another command may still come first.
 */
export async function amend(run: Run, command: AmendCommand): Promise<void> {
  const { by, plan } = command;
  const found = examined(run, plan);
  if ('why' in found) return dropped(run, by, found.why);
  // At a landing, what was undone is ahead again.
  const undone = run.view.phases.some(({ steps }) => steps.some(({ status }) => status === 'rolled_back'));
  if (undone) run.emit({ type: 'returned', landing: run.view.landing ?? 'start', by });
  const outline = outlineOf(plan);
  const { changes } = found;
  const event = { type: 'plan-amended', by, from: run.plan.hash, to: plan.hash, changes, outline } as const;
  await continueWithPlan(run, plan, event, () => amendedView(run.view, outline, plan.hash));
  dropped(run, by, 'Another command came first.');
}

function dropped(run: Run, by: string, why: string): void {
  run.emit({ type: 'message-refused', message: 'amend', by, why });
}

/** What lists and inboxes read without asking the run. */
export function publishPlan({ hash, strategy }: Pick<Plan, 'hash' | 'strategy'>): void {
  upsertMemo({ strategy: strategy.name, version: strategy.version, planHash: hash });
}
