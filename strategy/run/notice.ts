/** What people are told outside of sluice, derived from the events of the record. Pure; how it is sent is in activities/notices/. */
import type { NoticeKind, NoticeRoute } from '../plan.js';
import { answerCommands, shellWord } from './answers.js';
import type { Decision } from './decision.js';
import type { RunEvent } from './event.js';
import { progressOf } from './excerpt.js';
import { statusLabel } from './labels.js';
import { describeNeeds } from './needs.js';
import type { GateStatus, MigrationView } from './view.js';
import { describeWayBack } from './way-back.js';
import { describeEvent } from './wording.js';

export interface Notice {
  /** The same for every attempt to send it: receivers drop what they have. */
  readonly id: string;
  readonly run: string;
  readonly kind: NoticeKind;
  /** One line. */
  readonly title: string;
  readonly lines: readonly string[];
  readonly severity: 'info' | 'warning' | 'critical';
  /** What it opens or closes: an incident of this key; null when it is only said. */
  readonly incident: { readonly key: string; readonly state: 'open' | 'closed' } | null;
  /** The open decision that it is about; null without one. */
  readonly decision: string | null;
  /** ISO 8601. */
  readonly at: string;
  /** The hash over every event up to this one, to find later that none was changed; null when it is not known. */
  readonly head: string | null;
}

/** A notice and the channel that it goes to. */
export interface Dispatch {
  readonly channel: string;
  readonly notice: Notice;
}

/** What an event gives to tell, per channel once; `view` and `head` are those after the event. */
export function noticesOf(
  event: RunEvent,
  view: MigrationView,
  routes: readonly NoticeRoute[],
  head: () => string | null,
): readonly Dispatch[] {
  const topic = topicOf(event);
  if (topic === null) return [];
  const found = new Map<string, Dispatch>();
  for (const route of routes) {
    if (route.on !== topic.kind || !isAbout(route, event)) continue;
    const notice = makeNotice(event, view, { ...topic, head: head() }, route);
    for (const channel of route.channels) {
      if (!found.has(channel)) found.set(channel, { channel, notice });
    }
  }
  return [...found.values()];
}

type Topic = Pick<Notice, 'kind' | 'severity' | 'incident' | 'decision'>;

function topicOf(event: RunEvent): Topic | null {
  const plain = { incident: null, decision: null };
  switch (event.type) {
    case 'run-started':
      return { kind: 'started', severity: 'info', ...plain };
    case 'phase-status':
      return event.status === 'completed' ? { kind: 'progress', severity: 'info', ...plain } : null;
    case 'gate-status':
      return topicOfGate(event.status);
    case 'decision-opened': {
      const { id, kind } = event.decision;
      const severity = kind === 'approval' || kind === 'confirm' || kind === 'window' ? 'info' : 'critical';
      return { kind: 'decision', severity, incident: { key: id, state: 'open' }, decision: id };
    }
    case 'decision-closed':
      return {
        kind: 'decision',
        severity: 'info',
        incident: { key: event.decision, state: 'closed' },
        decision: null,
      };
    case 'decision-overdue':
      return {
        kind: 'overdue',
        severity: 'critical',
        incident: { key: event.decision, state: 'open' },
        decision: event.decision,
      };
    case 'alert':
      return {
        kind: 'issue',
        severity: 'warning',
        incident: { key: alertKey(event), state: 'open' },
        decision: null,
      };
    case 'alert-recovered':
      return {
        kind: 'issue',
        severity: 'info',
        incident: { key: alertKey(event), state: 'closed' },
        decision: null,
      };
    case 'rollback-started':
      return { kind: 'issue', severity: 'critical', ...plain };
    case 'run-ended':
      return { kind: 'ended', severity: event.status === 'completed' ? 'info' : 'critical', ...plain };
    default:
      return null;
  }
}

/** Its approval is told as a decision. */
function topicOfGate(status: GateStatus): Topic | null {
  const plain = { incident: null, decision: null };
  if (status === 'passed') return { kind: 'progress', severity: 'info', ...plain };
  return status === 'failed' ? { kind: 'issue', severity: 'critical', ...plain } : null;
}

function alertKey({ step, text }: Extract<RunEvent, { type: 'alert' | 'alert-recovered' }>): string {
  return `${step}: ${text}`;
}

/** The failure of a gate is told where its strategy says so; elsewhere, the decision about it is. */
function isAbout({ alerts, gates }: NoticeRoute, event: RunEvent): boolean {
  if (event.type === 'gate-status' && event.status === 'failed') return gates?.includes(event.gate) ?? false;
  if (alerts === null) return true;
  return (event.type === 'alert' || event.type === 'alert-recovered') && alerts.includes(event.text);
}

function makeNotice(
  event: RunEvent,
  view: MigrationView,
  topic: Topic & Pick<Notice, 'head'>,
  { form, words }: NoticeRoute,
): Notice {
  const headline = form === 'summary' ? summaryTitle(event, view) : (describeEvent(event) ?? event.type);
  return {
    ...topic,
    id: `${view.run}/${event.seq}`,
    run: view.run,
    title: `${view.strategy.name}: ${headline}`,
    lines: [
      ...(words === null ? [] : [words]),
      ...(form === 'summary' ? summaryLines(view) : updateLines(view, topic.decision)),
      ...(topic.head === null ? [] : [`Record up to event ${event.seq}: ${topic.head}`]),
    ],
    at: event.at,
  };
}

/** For people who do not know the steps. */
function summaryTitle(event: RunEvent, view: MigrationView): string {
  switch (event.type) {
    case 'run-started':
      return 'the migration has started';
    case 'phase-status':
      return `phase ${event.phase} is completed`;
    case 'gate-status':
      return `gate ${event.gate} is ${event.status}`;
    case 'decision-opened':
      return 'a decision is needed';
    case 'decision-closed':
      return 'a decision was made';
    case 'decision-overdue':
      return 'a decision is overdue';
    case 'rollback-started':
      return 'the migration is being rolled back';
    case 'run-ended':
      return `the migration is ${statusLabel(event.status)}`;
    default:
      return `the migration is ${statusLabel(view.status)}`;
  }
}

function summaryLines(view: MigrationView): readonly string[] {
  const counts = view.phases.map(progressOf);
  const done = counts.reduce((sum, count) => sum + count.done, 0);
  const all = counts.reduce((sum, count) => sum + count.all, 0);
  const phases = view.phases.filter(({ status }) => status === 'completed').length;
  const irreversible = view.wayBack.some((step) => step.irreversible);
  return [
    `Status: ${statusLabel(view.status)}. ${phases} of ${view.phases.length} phases and ${done} of ${all} steps are done.`,
    ...view.decisions.map(({ question, needs }) => `Waits for ${describeNeeds(needs)}: ${question}`),
    view.endedAt !== null
      ? view.reason
      : irreversible
        ? 'A rollback passes a point of no return.'
        : 'A rollback is possible at any time.',
  ];
}

function updateLines(view: MigrationView, decision: string | null): readonly string[] {
  const open = view.decisions.find(({ id }) => id === decision);
  return [
    `Run ${view.run}, ${statusLabel(view.status)}: ${view.reason}`,
    ...(open === undefined ? [] : decisionLines(view.run, open)),
    ...describeWayBack(view),
    `See: sluice status ${shellWord(view.run)}`,
  ];
}

function decisionLines(run: string, decision: Decision): readonly string[] {
  const due = decision.deadline === null ? [] : [`Due ${decision.deadline}`];
  return [...due, ...answerCommands(run, decision)];
}
