/** What people are told outside of sluice, derived from the events of the record. Pure; how it is sent is in activities/notices/. */
import type { NoticeKind, NoticeRoute } from '../plan.js';
import { endsWatching } from './afterwards.js';
import type { Decision } from './decision.js';
import type { RunEvent } from './event.js';
import { rolesAsked } from './needs.js';
import { summaryLines, summaryTitle, updateLines, updateTitle } from './notice-forms.js';
import { fillTemplate, LINK } from './template.js';
import type { GateStatus, MigrationView } from './view.js';

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
  readonly incident: { readonly key: string; readonly state: 'open' | 'acknowledged' | 'closed' } | null;
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

/** What an event gives to tell, per channel once; `view` and `head` are those after the event, `before` is the view before it. */
export function noticesOf(
  event: RunEvent,
  view: MigrationView,
  routes: readonly NoticeRoute[],
  head: () => string | null,
  before: MigrationView = view,
): readonly Dispatch[] {
  const topic = topicOf(event);
  if (topic === null || (event.type === 'run-ended' && endsWatching(event, view))) return [];
  const found = new Map<string, Dispatch>();
  for (const route of routes) {
    if (route.on !== topic.kind || !isAbout(route, event, [...before.decisions, ...view.decisions])) continue;
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
      return event.status === 'completed' || event.status === 'running'
        ? { kind: 'progress', severity: 'info', ...plain }
        : null;
    case 'gate-status':
      return topicOfGate(event.status);
    case 'decision-opened': {
      const { id, kind } = event.decision;
      const severity = kind === 'approval' || kind === 'confirm' || kind === 'window' ? 'info' : 'critical';
      return { kind: 'decision', severity, incident: { key: id, state: 'open' }, decision: id };
    }
    case 'decision-reminded':
    case 'decision-released':
      return {
        kind: 'decision',
        severity: 'warning',
        incident: { key: event.decision, state: 'open' },
        decision: event.decision,
      };
    case 'decision-claimed':
      return {
        kind: 'decision',
        severity: 'info',
        incident: { key: event.decision, state: 'acknowledged' },
        decision: event.decision,
      };
    case 'decision-closed':
      return {
        kind: 'decision',
        severity: 'info',
        incident: { key: event.decision, state: 'closed' },
        decision: null,
      };
    case 'decision-overdue':
    case 'decision-escalated':
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
        // What stops the step opens an incident of its own: a decision, or a rollback.
        incident: event.stops === true ? null : { key: event.text, state: 'open' },
        decision: null,
      };
    case 'alert-recovered':
      return {
        kind: 'issue',
        severity: 'info',
        incident: { key: event.text, state: 'closed' },
        decision: null,
      };
    case 'rollback-started':
      return {
        kind: 'issue',
        severity: 'critical',
        incident: { key: `rollback ${event.number}`, state: 'open' },
        decision: null,
      };
    case 'rollback-finished':
      return {
        kind: 'recovery',
        severity: 'info',
        incident: event.number === undefined ? null : { key: `rollback ${event.number}`, state: 'closed' },
        decision: null,
      };
    case 'status-report':
      return { kind: 'report', severity: 'info', ...plain };
    case 'incident-assigned':
      return {
        kind: 'incident',
        severity: 'critical',
        incident: { key: event.incident, state: 'open' },
        decision: event.decision,
      };
    case 'downtime-warned':
      return { kind: 'issue', severity: 'warning', ...plain };
    case 'downtime-exceeded':
      // What follows opens an incident of its own: a decision, or a rollback.
      return { kind: 'issue', severity: 'critical', ...plain };
    case 'follow-up-status':
      return event.status === 'completed' ? { kind: 'ended', severity: 'info', ...plain } : null;
    case 'migration-completed':
      return { kind: 'ended', severity: 'info', ...plain };
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

/**
 * True when the route hears of this event of its kind. The failure of a gate is told where its strategy says so; elsewhere,
 * the decision about it is.
 */
function isAbout(route: NoticeRoute, event: RunEvent, decisions: readonly Decision[]): boolean {
  const { alerts, about, gates, report, to, moment, role, later } = route;
  if (role !== undefined) return rolesConcerned(event, decisions).includes(role);
  switch (event.type) {
    case 'alert':
    case 'alert-recovered':
      return alerts === null || alerts.includes(event.text);
    case 'phase-status':
      return (event.status === 'running') === (moment === 'begins') && (about?.includes(event.phase) ?? true);
    case 'gate-status':
      if (event.status === 'failed') return gates?.includes(event.gate) ?? false;
      return moment !== 'begins' && (about?.includes(event.gate) ?? true);
    case 'status-report':
      return event.report === report;
    case 'follow-up-status':
      return later === event.id;
    case 'migration-completed':
      return later === undefined;
    case 'run-ended':
      return later === undefined || event.status !== 'completed';
    case 'incident-assigned':
      // Whom nobody was asked before: the others have just heard of what opened it.
      return to === undefined ? event.passedOver.length > 0 : event.to === to;
    default:
      return alerts === null && about === undefined;
  }
}

/** The roles that an event about a decision is for. */
function rolesConcerned(event: RunEvent, decisions: readonly Decision[]): readonly string[] {
  if (event.type === 'decision-reminded') return [event.role];
  if (event.type === 'decision-opened') return rolesAsked(event.decision.needs);
  if (!('decision' in event)) return [];
  return decisions.filter(({ id }) => id === event.decision).flatMap(({ needs }) => rolesAsked(needs));
}

function makeNotice(
  event: RunEvent,
  view: MigrationView,
  topic: Topic & Pick<Notice, 'head'>,
  { form, words }: NoticeRoute,
): Notice {
  const summary = form === 'summary';
  const headline = summary ? summaryTitle(event, view) : updateTitle(event);
  const deadline = view.decisions.find(({ id }) => id === topic.decision)?.deadline ?? '';
  const filled = (template: string): string => {
    const said = { event: headline, decision: topic.decision ?? '', deadline, link: LINK };
    return fillTemplate(template, view, said, event.at);
  };
  return {
    ...topic,
    id: `${view.run}/${event.seq}`,
    run: view.run,
    title: `${view.strategy.name}: ${headline}`,
    lines: [
      ...(words === null ? [] : filled(words).split(/\r?\n/)),
      ...(summary ? summaryLines(event, view) : updateLines(event, view, topic.decision)),
      ...(topic.head === null ? [] : [`Record up to event ${event.seq}: ${topic.head}`]),
    ],
    at: event.at,
  };
}
