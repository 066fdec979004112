/** What people read of a run's record: one line per event. */
import { describeComparison } from '../reconcile/settle-wording.js';
import type { Decision } from './decision.js';
import { describeDowntimeEvent } from './downtime.js';
import type { RunEvent } from './event.js';
import { describeWait } from './lock.js';
import { describeNeeds } from './needs.js';
import { describeResults } from './results.js';
import { describeFigures } from './told.js';
import type { Baselines, MigrationView } from './view.js';
import { describeCaster } from './voted.js';

/** What remains applied when a run ends before everything is undone. */
export function describeApplied(view: Pick<MigrationView, 'applied'>): string {
  const { applied } = view;
  return applied.length === 0
    ? 'Nothing is applied.'
    : `Still applied: ${applied.join(', ')}. The plan shows how to undo each.`;
}

/** One line for people; null for an event that says nothing to them. */
export function describeEvent(event: RunEvent): string | null {
  switch (event.type) {
    case 'run-started':
      return `started by ${event.by}: ${event.steps} ${event.steps === 1 ? 'step' : 'steps'}, plan ${event.plan.slice(0, 12)}${asATrial(event)}`;
    case 'run-status':
      return `${event.status}: ${event.reason}`;
    case 'prerequisite-status':
      return event.status === 'evaluating'
        ? null
        : `prerequisite ${event.id} ${event.status}: ${event.reason}`;
    case 'phase-status':
      return `phase ${event.phase} ${event.status}: ${event.reason}`;
    case 'step-started':
      return event.attempt === 1
        ? `${event.step} started`
        : `${event.step} started again (attempt ${event.attempt})`;
    case 'step-status':
      return `${event.step} ${event.status.replaceAll('_', ' ')}${event.reason === '' ? '' : `: ${event.reason}`}`;
    case 'baselines-measured':
      return `${event.step}: baselines measured: ${describeBaselines(event.values)}`;
    case 'undo-registered':
      return null;
    case 'action-finished':
      return describeAction(event);
    case 'reconciled':
      return `${event.step}: ${describeComparison(event)}`;
    case 'requirements-evaluated':
      return describeEvaluation(event);
    case 'gate-status':
      return `gate ${event.gate} ${event.status}: ${event.reason}`;
    case 'completion-status':
      return `completion ${event.status}: ${event.reason}`;
    case 'migration-completed':
      return `COMPLETED: ${event.reason}`;
    case 'afterwards-begun':
      return null;
    case 'follow-up-status':
      return `${event.id} ${event.status}${event.reason === '' ? '' : `: ${event.reason}`}`;
    case 'downtime-begun':
    case 'downtime-warned':
    case 'downtime-exceeded':
      return describeDowntimeEvent(event);
    case 'reopened':
      return `REOPENED by ${event.by}: ${event.reason}`;
    case 'alert':
      return `ALERT at ${event.step}: ${event.text} (${event.evidence})`;
    case 'alert-recovered':
      return `${event.step} recovered: ${event.text} (${event.evidence})`;
    case 'decision-opened':
      return describeOpened(event.decision);
    case 'vote-cast': {
      const { option, reason, key } = event.vote;
      return `${describeCaster(event.vote)} voted "${option}" on ${event.decision}${key === undefined ? '' : ', signed'}${because(reason)}`;
    }
    case 'message-refused':
      return `refused: "${event.message}" by ${event.by || 'nobody'}: ${event.why}`;
    case 'decision-overdue':
      return `${event.decision} was due ${event.deadline}, still open`;
    case 'decision-reminded':
      return `"${event.role}" reminded of ${event.decision}, still open${event.times === 1 ? '' : ` (reminder ${event.times})`}`;
    case 'decision-escalated':
      return `${event.decision} escalated to "${event.to}": "${event.role}" has not answered in time`;
    case 'decision-claimed':
      return `${event.by} claimed ${event.decision}${event.from === null ? '' : ` in place of ${event.from}`}${because(event.reason)}`;
    case 'decision-released':
      return `${event.by} released ${event.decision}${because(event.reason)}`;
    case 'decision-closed':
      return event.option === null
        ? `${event.decision} ${event.reason}`
        : `${event.decision} decided: ${event.option} ${event.reason}`;
    case 'paused':
      return `paused by ${event.by}${because(event.reason)}`;
    case 'resumed':
      return `resumed by ${event.by}${because(event.reason)}`;
    case 'command-accepted':
      return `${event.command}${event.to === null ? '' : ` to ${event.to}`} requested by ${event.by}${because(event.reason)}`;
    case 'throttled':
      return `${event.step} limited to ${describeRate(event.ratePerSecond)} by ${event.by}${because(event.reason)}`;
    case 'host-chosen':
      return `commands run on ${event.host}`;
    case 'host-busy':
      return `${event.host} is busy: it answers, but has started no command for a minute. The run waits for it`;
    case 'rollback-started':
      return `ROLLBACK ${event.number} (${event.level}) to ${event.landing}: ${event.cause}`;
    case 'step-undone':
      return `${event.step} undone: ${event.reason}`;
    case 'undo-failed':
      return `${event.step} NOT undone: ${event.reason}`;
    case 'rollback-finished':
      return `rollback landed at ${event.landing}: ${event.reason}`;
    case 'returned':
      return `retried from ${event.landing} by ${event.by}`;
    case 'notice-failed':
      return `${event.channel} did not take the notice ${event.notice}: ${event.why}`;
    case 'archive-failed':
      return `the record is not in ${event.archive}: ${event.why}`;
    case 'status-report':
      return `status report ${event.number}: ${describeFigures(event.figures)}`;
    case 'incident-assigned':
      return describeAssignment(event);
    case 'amendment-requested':
      return `amendment to plan ${event.to.slice(0, 12)} requested by ${event.by}${because(event.reason)}: ${event.changes.join(', ')}`;
    case 'plan-amended':
      return `AMENDED by ${event.by}: plan ${event.to.slice(0, 12)} replaces ${event.from.slice(0, 12)}, and votes on the earlier plan count no more: ${event.changes.join(', ')}`;
    case 'lock-awaited':
      return describeWait(event);
    case 'locks-taken':
      return `locked until the run ends: ${event.locks.join(', ')}`;
    case 'continued':
      return null;
    case 'run-ended':
      return `${event.status.replaceAll('_', ' ')}: ${event.reason}`;
    default:
      return event satisfies never;
  }
}

function describeAssignment({
  incident,
  to,
  until,
  passedOver,
}: Extract<RunEvent, { type: 'incident-assigned' }>): string {
  const missed = `${passedOver.join(', ')} did not answer in time`;
  if (to === null) return `INCIDENT ${incident}: ${missed}, and nobody is left to ask`;
  const asked = `${to} is asked${until === null ? '' : ` until ${until}`}`;
  return `INCIDENT ${incident}: ${passedOver.length === 0 ? asked : `${missed}; ${asked}`}`;
}

function asATrial({ compress, onFailure }: Extract<RunEvent, { type: 'run-started' }>): string {
  const trial = compress === 1 ? '' : `, time divided by ${compress}`;
  return onFailure === 'full' ? `${trial}, every failure rolls back to the start` : trial;
}

/** Such as `500 rows/s`. */
export function describeRate(ratePerSecond: number | null): string {
  return ratePerSecond === null ? 'the rate of the strategy' : `${ratePerSecond} rows/s`;
}

function because(reason: string | null): string {
  return reason === null ? '' : `: ${reason}`;
}

function describeBaselines(values: Baselines): string {
  return Object.entries(values)
    .map(([metric, value]) => `${metric} ${value === null ? 'has no data' : `is ${value}`}`)
    .join(', ');
}

function describeOpened({ id, options, needs, question }: Decision): string {
  return `Decision needed: ${id} (${options.join(' | ')}), needs ${describeNeeds(needs)}: ${question}`;
}

function describeAction(event: Extract<RunEvent, { type: 'action-finished' }>): string {
  const undo = event.purpose === 'undo' ? 'undo ' : '';
  const seconds = (event.durationMs / 1000).toFixed(1);
  const head = `${event.step} ${undo}"${event.what}"`;
  switch (event.outcome) {
    case 'done':
      return `${head} done in ${seconds} s`;
    case 'failed':
      return `${head} FAILED after ${seconds} s: ${event.cause ?? ''}`;
    case 'unknown':
      return `${head} has an unknown outcome: ${event.cause ?? ''}`;
    default:
      return event.outcome satisfies never;
  }
}

function describeEvaluation({
  subject,
  results,
}: Extract<RunEvent, { type: 'requirements-evaluated' }>): string | null {
  const text = describeResults(results);
  return text === null ? null : `${subject.id}: ${text}`;
}
