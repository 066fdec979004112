/** The status of a run and its one-line reason, computed once for every face. */
import { watchedReason } from './afterwards.js';
import { type Decision, openNeeds } from './decision.js';
import type { RunEvent } from './event.js';
import { describeWait } from './lock.js';
import { describeNeeds } from './needs.js';
import { ENDED, type MigrationView, type RunStatus } from './view.js';

/**
 * The status of a run that has not ended, and its reason: an open decision says `waiting`, a pause `paused`, a
 * rollback under way `rolling_back`, anything else `running`, unless the event itself set a status.
 */
export function statusAfter(view: MigrationView, event: RunEvent): { status: RunStatus; reason: string } {
  if (view.status === 'completed' && view.afterwards?.status === 'open') {
    return { status: 'completed', reason: reasonAfterwards(view) };
  }
  if (ENDED.includes(view.status) || event.type === 'run-status') {
    return { status: view.status, reason: view.reason };
  }
  const asked = view.decisions[0];
  if (asked !== undefined) return { status: 'waiting', reason: waitingReason(asked, view.decisions.length) };
  if (view.pausedBy !== null) {
    return {
      status: 'paused',
      reason: `Paused by ${view.pausedBy}. Continue with: sluice resume ${view.run}`,
    };
  }
  if (view.lockWait !== undefined) return { status: 'waiting', reason: describeWait(view.lockWait) };
  if (view.rollback !== null) {
    const { level, landing, cause } = view.rollback;
    if (event.type === 'command-accepted') return { status: 'rolling_back', reason: commandReason(event) };
    return { status: 'rolling_back', reason: `Rolling back (${level}) to ${landing}: ${cause}` };
  }
  return { status: 'running', reason: runningReason(view, event) };
}

/** It is completed for its users, whatever is still to come. */
function reasonAfterwards(view: MigrationView): string {
  const asked = view.decisions[0];
  if (asked !== undefined) return `Completed. ${waitingReason(asked, view.decisions.length)}`;
  if (view.pausedBy !== null) {
    return `Completed. What comes afterwards is paused by ${view.pausedBy}. Continue with: sluice resume ${view.run}`;
  }
  return watchedReason(view);
}

function waitingReason(decision: Decision, open: number): string {
  const more = open > 1 ? ` (and ${open - 1} more)` : '';
  const claimed = decision.claimedBy === null ? '' : ` (${decision.claimedBy} is on it)`;
  return `Waits for ${describeNeeds(openNeeds(decision))}${claimed} to decide ${decision.id}${more}: ${decision.question}`;
}

/** During a rollback a command waits for the undo under way; its sender must see that it was received. */
function commandReason({ command, by, to }: Extract<RunEvent, { type: 'command-accepted' }>): string {
  return command === 'abort'
    ? `${by} requested an abort, which takes effect after the undo under way. A second abort cancels that undo too.`
    : `${by} requested a rollback to ${to ?? 'start'}, which takes effect after the undo under way.`;
}

function runningReason(view: MigrationView, event: RunEvent): string {
  switch (event.type) {
    case 'step-started':
    case 'step-status':
      return event.type === 'step-started' || event.reason === ''
        ? `Running ${event.step}.`
        : `${event.step}: ${event.reason}`;
    case 'gate-status':
      return `${event.gate}: ${event.reason}`;
    case 'phase-status':
      return `${event.phase}: ${event.reason}`;
    case 'prerequisite-status':
      return `${event.id}: ${event.reason}`;
    case 'completion-status':
      return `Completion: ${event.reason}`;
    default:
      return view.status === 'running' ? view.reason : 'Continuing.';
  }
}
