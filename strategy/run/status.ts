/** The status of a run and its one-line reason, computed once for every face. */
import { type Decision, openNeeds } from './decision.js';
import type { RunEvent } from './event.js';
import { ENDED, type MigrationView, type RunStatus } from './view.js';

/**
 * The status of a run that has not ended, and its reason: an open decision says `waiting`, a pause `paused`, a
 * rollback under way `rolling_back`, anything else `running`, unless the event itself set a status.
 */
export function statusAfter(view: MigrationView, event: RunEvent): { status: RunStatus; reason: string } {
  if (ENDED.includes(view.status) || event.type === 'run-status') {
    return { status: view.status, reason: view.reason };
  }
  const asked = view.decisions[0];
  if (asked !== undefined) return { status: 'waiting', reason: waitingReason(asked, view.decisions.length) };
  if (view.pausedBy !== null) {
    return { status: 'paused', reason: `Paused by ${view.pausedBy}. Go on with: sluice resume ${view.run}` };
  }
  if (view.rollback !== null) {
    const { level, landing, cause } = view.rollback;
    if (event.type === 'command-accepted') return { status: 'rolling_back', reason: commandReason(event) };
    return { status: 'rolling_back', reason: `Rolling back (${level}) to ${landing}: ${cause}` };
  }
  return { status: 'running', reason: runningReason(view, event) };
}

function waitingReason(decision: Decision, open: number): string {
  const who = openNeeds(decision).map((need) =>
    need.votes === 1 ? need.role : `${need.votes} of ${need.role}`,
  );
  const more = open > 1 ? ` (and ${open - 1} more)` : '';
  return `Waits for ${who.length === 0 ? 'anyone' : who.join(' and ')} to decide ${decision.id}${more}: ${decision.question}`;
}

/** In a rollback an order waits for the undo under way, and whoever gave it must not think that it was lost. */
function commandReason({ command, by, to }: Extract<RunEvent, { type: 'command-accepted' }>): string {
  return command === 'abort'
    ? `${by} ordered an abort: it is obeyed when the undo under way is through. Said again, it ends that undo as well.`
    : `${by} ordered a rollback to ${to ?? 'start'}: it is obeyed when the undo under way is through.`;
}

function runningReason(view: MigrationView, event: RunEvent): string {
  switch (event.type) {
    case 'step-started':
    case 'step-status':
      return event.type === 'step-started' || event.reason === ''
        ? `Carrying out ${event.step}.`
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
      return view.status === 'running' ? view.reason : 'Going on.';
  }
}
