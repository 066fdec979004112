/** Who is told what: `communication_plan` and the `alert_channels` of metrics, as routes to bound channels. */
import { list, nonBlank, numbered } from '../document.js';
import type { NoticeKind, NoticeRoute } from '../plan.js';
import { below } from '../pointer.js';
import type { Compilation } from './compilation.js';

/** What each `notification_type` is about. */
const KINDS = {
  pre_migration: ['started'],
  during_migration: ['progress', 'decision'],
  post_migration: ['ended'],
  issue: ['issue', 'overdue'],
} as const satisfies Readonly<Record<string, readonly NoticeKind[]>>;

/** What an incident channel hears. */
const INCIDENT: readonly NoticeKind[] = ['issue', 'decision', 'overdue'];

/** `alerts`: the conditions of each monitored metric that has channels. `failures`: who hears that a validation gate failed. */
export function compileNotices(
  c: Compilation,
  alerts: readonly { readonly channels: readonly string[]; readonly texts: readonly string[] }[],
  failures: readonly { readonly gate: string; readonly channels: readonly string[] }[],
): readonly NoticeRoute[] {
  const { stakeholder_communication, incident_communication } = c.document.communication_plan ?? {};
  const routes: NoticeRoute[] = [];
  for (const [group, { stakeholder_group, notifications }] of list(stakeholder_communication).entries()) {
    for (const [index, notification] of list(notifications).entries()) {
      const pointer = below(
        '/communication_plan/stakeholder_communication',
        group,
        'notifications',
        index,
        'channel',
      );
      const channels = boundChannels(c, pointer, notification.channel);
      const timing = nonBlank(notification.timing);
      if (timing !== null) {
        const how = 'the type of the notification says when it is sent';
        c.cover(below(pointer.replace(/channel$/, 'timing')), timing, 'not-carried-out', how);
      }
      if (channels.length === 0 || !notification.notification_type) continue;
      const form = stakeholder_group === 'internal_team' ? 'update' : 'summary';
      const words = nonBlank(notification.template);
      for (const on of KINDS[notification.notification_type]) {
        routes.push({ on, channels, form, words, alerts: null });
      }
    }
  }
  const pointer = '/communication_plan/incident_communication/notification_channels';
  const incident = boundChannels(c, pointer, incident_communication?.notification_channels);
  if (incident.length > 0) {
    for (const on of INCIDENT)
      routes.push({ on, channels: incident, form: 'update', words: null, alerts: null });
  }
  for (const { channels, texts } of alerts) {
    if (channels.length > 0 && texts.length > 0) {
      routes.push({ on: 'issue', channels, form: 'update', words: null, alerts: texts });
    }
  }
  for (const { gate, channels } of failures) {
    routes.push({ on: 'issue', channels, form: 'update', words: null, alerts: [], gates: [gate] });
  }
  return routes;
}

/** The names among these that are bound; each is covered, the others as not carried out. */
export function boundChannels(
  c: Compilation,
  pointer: string,
  names: Parameters<typeof numbered>[0],
): readonly string[] {
  return numbered(names).flatMap(({ index, text }) => {
    const bound = Object.hasOwn(c.bindings.planned.channels, text);
    const how = bound ? 'notices are sent there' : 'not notified: no channel of that name is bound';
    c.cover(below(pointer, index), text, bound ? 'automated' : 'not-carried-out', how);
    return bound ? [text] : [];
  });
}
