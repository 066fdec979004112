/** The escalation path of incidents: who is asked one after the other, and how long each has. */
import { nonBlank, numbered } from '../document.js';
import type { EscalationPath, NoticeRoute } from '../plan.js';
import { below } from '../pointer.js';
import { describeDuration } from '../render/duration.js';
import { parseDuration } from '../sentence/duration.js';
import { channelOf } from './channel-names.js';
import type { Compilation } from './compilation.js';
import { shorten } from './reporter.js';

export interface CompiledIncidentPath {
  /** Null when the strategy names nobody. */
  readonly path: EscalationPath | null;
  readonly routes: readonly NoticeRoute[];
}

const AT = '/communication_plan/incident_communication';

/** Where the strategy does not say how soon somebody answers. */
const DEFAULT_MS = 900_000;

/** `incident`: the channels that hear of every incident. */
export function compileIncidentPath(c: Compilation, incident: readonly string[]): CompiledIncidentPath {
  const plan = c.document.communication_plan?.incident_communication;
  const entries = numbered(plan?.escalation_path);
  const responseMs = responseTimeOf(c, nonBlank(plan?.response_time_sla), entries.length > 0);
  if (entries.length === 0) return { path: null, routes: [] };
  const routes = entries.flatMap(({ index, text }): NoticeRoute[] => {
    const channel = channelOf(c, text);
    // Whom only a channel stands for holds no role.
    if (channel === null || Object.hasOwn(c.bindings.planned.roles, text)) c.role(text);
    const turn =
      index === 0
        ? 'asked first'
        : `asked when those before have not answered within ${describeDuration(responseMs)}`;
    const where = channel === null ? 'in the incident channels' : `by their own channel ${channel}`;
    const told = channel !== null || incident.length > 0;
    const how = told
      ? `${turn}, ${where}`
      : `${turn}; shown in status, since no channel is bound to tell them by`;
    c.cover(below(AT, 'escalation_path', index), text, told ? 'automated' : 'not-carried-out', how);
    return channel === null
      ? []
      : [{ on: 'incident', channels: [channel], to: text, form: 'update', words: null, alerts: null }];
  });
  const all: readonly NoticeRoute[] =
    incident.length === 0
      ? []
      : [{ on: 'incident', channels: incident, form: 'update', words: null, alerts: null }];
  return { path: { names: entries.map(({ text }) => text), responseMs }, routes: [...routes, ...all] };
}

function responseTimeOf(c: Compilation, said: string | null, hasPath: boolean): number {
  if (said === null) return DEFAULT_MS;
  const pointer = below(AT, 'response_time_sla');
  const ms = parseDuration(said.replace(/^(?:an?|one)\s/i, '1 '));
  if (ms !== null && ms > 0) {
    const how = 'who has not answered by then is passed over to the next on the escalation path';
    c.cover(
      pointer,
      said,
      hasPath ? 'automated' : 'not-carried-out',
      hasPath ? how : 'the escalation path is empty',
    );
    return ms;
  }
  c.cover(pointer, said, 'not-carried-out', `not understood: ${describeDuration(DEFAULT_MS)} instead`);
  if (hasPath) {
    c.report(pointer, {
      code: 'bad-duration',
      severity: 'warning',
      message: `"${shorten(said)}" is not a duration, so an incident is passed on after ${describeDuration(DEFAULT_MS)}`,
      advice: 'Write it as "15 minutes" or "PT15M".',
    });
  }
  return DEFAULT_MS;
}
