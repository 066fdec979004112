/**
 * Incidents: what needs somebody soon. A run that has an escalation path asks the first name on it, and passes the incident
 * on to the next one when nobody has answered in time. An answer is a claim of its decision or a vote on it, or a command to the run: from
 * then on a person is at work. Pure.
 */
import type { EscalationPath } from '../plan.js';
import type { DecisionKind } from './decision.js';
import type { EventBody, RunEvent } from './event.js';
import type { IncidentView } from './told-view.js';

export type Assigned = Extract<EventBody, { type: 'incident-assigned' }>;

/** The decisions that the work waits for because something went wrong. */
const TROUBLE: ReadonlySet<DecisionKind> = new Set([
  'failure',
  'undo-failure',
  'after-rollback',
  'unknown-outcome',
  'inconclusive',
  'review',
]);

/** The incident that an event opens, assigned to the first on the path; null for an event that opens none. */
export function openedBy(
  event: RunEvent,
  path: EscalationPath,
  compressed: (ms: number) => number,
): Assigned | null {
  const [first] = path.names;
  const found = incidentOf(event);
  if (first === undefined || found === null) return null;
  const until = after(event.at, compressed(path.responseMs));
  return { type: 'incident-assigned', ...found, to: first, until, passedOver: [] };
}

/** The incident passed on, at its `until`. */
export function passedOn(
  { key: incident, decision, text, asked, until, passedOver }: IncidentView,
  path: EscalationPath,
  compressed: (ms: number) => number,
): Assigned {
  const before = asked === null ? passedOver : [...passedOver, asked];
  const to = path.names[before.length] ?? null;
  const next = to === null || until === null ? null : after(until, compressed(path.responseMs));
  return { type: 'incident-assigned', incident, decision, text, to, until: next, passedOver: before };
}

/** The incident that is to be passed on first; null when none is. */
export function nextToPassOn(incidents: readonly IncidentView[]): IncidentView | null {
  const open = incidents.filter(({ answeredBy, until }) => answeredBy === null && until !== null);
  return open.reduce<IncidentView | null>(
    (first, each) => (first === null || (each.until ?? '') < (first.until ?? '') ? each : first),
    null,
  );
}

/** The open incidents after an event. */
export function incidentsAfter(incidents: readonly IncidentView[], event: RunEvent): readonly IncidentView[] {
  switch (event.type) {
    case 'incident-assigned':
      return assigned(incidents, event);
    case 'decision-closed':
      return without(incidents, ({ decision }) => decision === event.decision);
    case 'alert-recovered':
      return without(incidents, ({ key, decision }) => decision === null && key === event.text);
    case 'decision-claimed':
      return answered(incidents, event.by, ({ decision }) => decision === event.decision);
    case 'decision-released':
      return unanswered(incidents, event.by, event.decision);
    case 'vote-cast':
      return answered(incidents, event.vote.by, ({ decision }) => decision === event.decision);
    case 'paused':
    case 'resumed':
    case 'command-accepted':
      return answered(incidents, event.by, () => true);
    case 'run-ended':
      return without(incidents, () => true);
    default:
      return incidents;
  }
}

/** Who is asked about an incident, for people. */
export function describeIncident({ text, asked, until, passedOver, answeredBy }: IncidentView): string {
  const missed = passedOver.length === 0 ? '' : `; did not answer in time: ${passedOver.join(', ')}`;
  if (answeredBy !== null) return `${text}: ${answeredBy} is at work${missed}`;
  if (asked === null) return `${text}: nobody on the escalation path has answered: ${passedOver.join(', ')}`;
  return `${text}: ${asked} is asked${until === null ? '' : ` until ${until}`}${missed}`;
}

function incidentOf(event: RunEvent): Pick<Assigned, 'incident' | 'decision' | 'text'> | null {
  switch (event.type) {
    case 'decision-opened': {
      const { id, kind, question } = event.decision;
      return TROUBLE.has(kind) ? { incident: id, decision: id, text: question } : null;
    }
    case 'alert':
      // An alert that stops the step ends in a decision, or in a rollback that asks nobody.
      return event.stops === true
        ? null
        : { incident: event.text, decision: null, text: `Alert: ${event.text}` };
    default:
      return null;
  }
}

function assigned(
  incidents: readonly IncidentView[],
  {
    incident: key,
    decision,
    text,
    to,
    until,
    passedOver,
    at,
  }: Extract<RunEvent, { type: 'incident-assigned' }>,
): readonly IncidentView[] {
  const known = incidents.find((each) => each.key === key);
  const openedAt = known?.openedAt ?? at;
  const answeredBy = known?.answeredBy ?? null;
  const now = { key, decision, text, openedAt, asked: to, since: at, until, passedOver, answeredBy };
  return known === undefined ? [...incidents, now] : incidents.map((each) => (each === known ? now : each));
}

function answered(
  incidents: readonly IncidentView[],
  by: string,
  concerned: (incident: IncidentView) => boolean,
): readonly IncidentView[] {
  if (!incidents.some((each) => each.answeredBy === null && concerned(each))) return incidents;
  return incidents.map((each) =>
    each.answeredBy === null && concerned(each) ? { ...each, answeredBy: by } : each,
  );
}

/** Who has claimed a decision and gives it back is at work no more: the next one is asked when the time is up. */
function unanswered(incidents: readonly IncidentView[], by: string, id: string): readonly IncidentView[] {
  return incidents.map((each) =>
    each.decision === id && each.answeredBy === by ? { ...each, answeredBy: null } : each,
  );
}

function without(
  incidents: readonly IncidentView[],
  over: (incident: IncidentView) => boolean,
): readonly IncidentView[] {
  return incidents.some(over) ? incidents.filter((each) => !over(each)) : incidents;
}

function after(at: string, ms: number): string {
  return new Date(Date.parse(at) + ms).toISOString();
}
