/** What people read of a run's record: one line per event. */
import type { RunEvent } from './event.js';
import type { Baselines, MigrationView } from './view.js';

/** What stands when a run stops before everything is taken back. */
export function describeApplied(view: Pick<MigrationView, 'applied'>): string {
  const { applied } = view;
  return applied.length === 0
    ? 'Nothing is applied.'
    : `Still applied: ${applied.join(', ')}; the plan shows how each is undone.`;
}

/** One line for people; null for what they need not read. */
export function describeEvent(event: RunEvent): string | null {
  switch (event.type) {
    case 'run-started':
      return `started by ${event.by}: ${event.steps} steps, plan ${event.plan.slice(0, 12)}${asATrial(event)}`;
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
        ? `${event.step} begins`
        : `${event.step} begins again (attempt ${event.attempt})`;
    case 'step-status':
      return `${event.step} ${event.status.replaceAll('_', ' ')}${event.reason === '' ? '' : `: ${event.reason}`}`;
    case 'baselines-measured':
      return `${event.step}: baselines measured: ${describeBaselines(event.values)}`;
    case 'undo-registered':
      return null;
    case 'action-finished':
      return describeAction(event);
    case 'requirements-evaluated':
      return describeResults(event);
    case 'gate-status':
      return `gate ${event.gate} ${event.status}: ${event.reason}`;
    case 'completion-status':
      return `completion ${event.status}: ${event.reason}`;
    case 'alert':
      return `ALERT at ${event.step}: ${event.text} (${event.evidence})`;
    case 'alert-recovered':
      return `${event.step} recovered: ${event.text} (${event.evidence})`;
    case 'decision-opened':
      return `${event.decision.id} is to be decided (${event.decision.options.join(' | ')})${describeNeeds(event)}: ${event.decision.question}`;
    case 'vote-cast': {
      const { by, role, option, reason } = event.vote;
      const as = role === by ? '' : ` as ${role}`;
      return `${by}${as} votes "${option}" on ${event.decision}${reason === null ? '' : `: ${reason}`}`;
    }
    case 'message-refused':
      return `refused: "${event.message}" by ${event.by || 'nobody'}: ${event.why}`;
    case 'decision-overdue':
      return `${event.decision} is overdue since ${event.deadline}; it still waits for its answer`;
    case 'decision-closed':
      return event.option === null
        ? `${event.decision} ${event.reason}`
        : `${event.decision} decided: ${event.option} ${event.reason}`;
    case 'paused':
      return `paused by ${event.by}${because(event.reason)}`;
    case 'resumed':
      return `resumed by ${event.by}${because(event.reason)}`;
    case 'command-accepted':
      return `${event.by} orders: ${event.command}${event.to === null ? '' : ` to ${event.to}`}${because(event.reason)}`;
    case 'host-chosen':
      return `commands run on ${event.host}`;
    case 'host-busy':
      return `${event.host} is busy: it answers, but has taken no command for a minute. The run waits for it`;
    case 'rollback-started':
      return `ROLLBACK ${event.number} (${event.level}) to ${event.landing}: ${event.cause}`;
    case 'step-undone':
      return `${event.step} is undone: ${event.reason}`;
    case 'undo-failed':
      return `${event.step} is NOT undone: ${event.reason}`;
    case 'rollback-finished':
      return `rollback landed at ${event.landing}: ${event.reason}`;
    case 'returned':
      return `${event.by} has it carried out again from ${event.landing}`;
    case 'continued':
      return null;
    case 'run-ended':
      return `${event.status.replaceAll('_', ' ')}: ${event.reason}`;
    default:
      return event satisfies never;
  }
}

function asATrial({ compress, onFailure }: Extract<RunEvent, { type: 'run-started' }>): string {
  const trial = compress === 1 ? '' : `, time divided by ${compress}`;
  return onFailure === 'full' ? `${trial}, every failure takes everything back` : trial;
}

function because(reason: string | null): string {
  return reason === null ? '' : `: ${reason}`;
}

function describeBaselines(values: Baselines): string {
  return Object.entries(values)
    .map(([metric, value]) => `${metric} ${value === null ? 'has no data' : `is ${value}`}`)
    .join(', ');
}

function describeNeeds({ decision }: Extract<RunEvent, { type: 'decision-opened' }>): string {
  if (decision.needs.length === 0) return '';
  const needs = decision.needs.map(({ role, votes }) => (votes === 1 ? role : `${votes} of ${role}`));
  return ` by ${needs.join(' and ')}`;
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

function describeResults(event: Extract<RunEvent, { type: 'requirements-evaluated' }>): string | null {
  const judged = event.results.filter(({ verdict }) => verdict !== null);
  if (judged.length === 0) return null;
  const bad = judged.filter(({ verdict }) => verdict !== 'pass');
  const head = `${event.subject.id}: ${judged.length - bad.length} of ${judged.length} hold`;
  const tail = bad.map(
    ({ text, verdict, evidence }) => `${verdict}: ${text}${evidence === null ? '' : ` (${evidence})`}`,
  );
  return [head, ...tail].join('; ');
}
