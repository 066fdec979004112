/** The two forms of a notice: a summary for management, an update for engineers. Pure. */
import { answerCommands, shellWord } from './answers.js';
import type { Decision } from './decision.js';
import type { RunEvent } from './event.js';
import { describeFigure, stepsDone } from './figures.js';
import { describeIncident } from './incidents.js';
import { statusLabel } from './labels.js';
import { describeNeeds } from './needs.js';
import { describeDeafChannel } from './told.js';
import type { MigrationView } from './view.js';
import { describeWayBack } from './way-back.js';
import { describeEvent } from './wording.js';

/** One line for people who do not know the steps. */
export function summaryTitle(event: RunEvent, view: MigrationView): string {
  switch (event.type) {
    case 'run-started':
      return 'the migration has started';
    case 'phase-status':
      return event.status === 'completed'
        ? `phase ${event.phase} is completed`
        : `phase ${event.phase} begins`;
    case 'gate-status':
      return `gate ${event.gate} is ${event.status}`;
    case 'decision-opened':
      return 'a decision is needed';
    case 'decision-closed':
      return 'a decision was made';
    case 'decision-reminded':
      return 'a decision still waits';
    case 'decision-claimed':
      return `${event.by} is on a decision`;
    case 'decision-released':
      return 'nobody is on a decision any more';
    case 'decision-escalated':
      return `a decision is escalated to ${event.to}`;
    case 'decision-overdue':
      return 'a decision is overdue';
    case 'status-report':
      return `status report ${event.number}`;
    case 'incident-assigned':
      return event.to === null ? 'nobody has answered an incident' : `${event.to} is asked about an incident`;
    case 'rollback-started':
      return 'the migration is being rolled back';
    case 'rollback-finished':
      return 'the rollback has ended';
    case 'downtime-warned':
      return event.why === 'near-limit' ? 'downtime is near its limit' : 'downtime lasts longer than planned';
    case 'downtime-exceeded':
      return 'downtime is past its limit';
    case 'follow-up-status':
    case 'migration-completed':
      return 'the migration is completed';
    case 'run-ended':
      return `the migration is ${statusLabel(event.status)}`;
    default:
      return `the migration is ${statusLabel(view.status)}`;
  }
}

/** One line for those who know them: that of the record. */
export function updateTitle(event: RunEvent): string {
  if (event.type === 'status-report') return `status report ${event.number}`;
  if (event.type === 'follow-up-status') return 'the migration is completed';
  return describeEvent(event) ?? event.type;
}

/** How far it is, who is waited for, what is wrong, and whether there is a way back. */
export function summaryLines(event: RunEvent, view: MigrationView): readonly string[] {
  const { done, all } = stepsDone(view);
  const phases = view.phases.filter(({ status }) => status === 'completed').length;
  return [
    ...figureLines(event),
    `Status: ${statusLabel(view.status)}. ${phases} of ${view.phases.length} phases and ${done} of ${all} steps are done.`,
    ...(view.endedAt !== null || phases === view.phases.length
      ? []
      : [
          `Phase: ${describeFigure('phase', view, event.at)}. Running for ${describeFigure('elapsed', view, event.at)}.`,
        ]),
    ...view.decisions.map(({ question, needs }) => `Waits for ${describeNeeds(needs)}: ${question}`),
    ...(view.incidents ?? []).map((incident) => `Incident: ${describeIncident(incident)}`),
    view.endedAt !== null ? view.reason : describeFigure('rollback', view, event.at),
  ];
}

/** The state of the run, the commands that answer, and the way back. `decision`: the id of the one it is about. */
export function updateLines(
  event: RunEvent,
  view: MigrationView,
  decision: string | null,
): readonly string[] {
  const open = view.decisions.find(({ id }) => id === decision);
  return [
    ...figureLines(event),
    `Run ${view.run}, ${statusLabel(view.status)}: ${view.reason}`,
    ...(view.endedAt === null ? workLines(view, event.at) : []),
    ...(open === undefined ? [] : decisionLines(view.run, open)),
    ...(view.incidents ?? []).map((incident) => `Incident: ${describeIncident(incident)}`),
    ...(view.deafChannels ?? []).map((channel) => `Notices: ${describeDeafChannel(channel)}`),
    ...describeWayBack(view),
    `See: sluice status ${shellWord(view.run)}`,
  ];
}

function figureLines(event: RunEvent): readonly string[] {
  return event.type === 'status-report' ? event.figures.map(({ text, value }) => `${text}: ${value}`) : [];
}

function workLines(view: MigrationView, at: string): readonly string[] {
  const of = (figure: 'progress' | 'phase' | 'step' | 'next') => describeFigure(figure, view, at);
  return [
    `Progress: ${of('progress')}. Phase: ${of('phase')}.`,
    `Under way: ${of('step')}. Next: ${of('next')}.`,
  ];
}

function decisionLines(run: string, decision: Decision): readonly string[] {
  const due = decision.deadline === null ? [] : [`Due ${decision.deadline}`];
  const claimed = decision.claimedBy === null ? [] : [`${decision.claimedBy} is on it`];
  return [...due, ...claimed, ...answerCommands(run, decision)];
}
