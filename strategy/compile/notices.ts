/** Who is told what: `communication_plan` and the `alert_channels` of metrics, as routes to bound channels. */
import { inOrder, list, nonBlank } from '../document.js';
import type {
  EscalationPath,
  LaterNotice,
  NoticeForm,
  NoticeKind,
  NoticeRoute,
  PlannedReport,
} from '../plan.js';
import { below } from '../pointer.js';
import { describeDuration } from '../render/duration.js';
import { placeholderNames, unknownPlaceholders } from '../run/template.js';
import { type Occasion, parseTiming } from '../sentence/timing.js';
import { suggest } from '../suggest.js';
import { boundChannels } from './channel-names.js';
import type { Compilation } from './compilation.js';
import { compileIncidentPath } from './incident-path.js';
import { PhaseNumbers } from './phase-numbers.js';
import { compileStatusReports } from './reports.js';

/** What each `notification_type` is about. */
const KINDS = {
  pre_migration: ['started'],
  during_migration: ['progress', 'decision'],
  post_migration: ['ended'],
  issue: ['issue', 'overdue', 'recovery'],
} as const satisfies Readonly<Record<Occasion, readonly NoticeKind[]>>;

/** What an incident channel hears. */
const INCIDENT: readonly NoticeKind[] = ['issue', 'decision', 'overdue', 'recovery'];

export interface CompiledNotices {
  readonly notices: readonly NoticeRoute[];
  readonly reports?: readonly PlannedReport[];
  readonly incidentPath?: EscalationPath;
}

/** Who is told, and what is told some time after the completion. */
export interface CompiledCommunication {
  readonly told: CompiledNotices;
  readonly later: readonly LaterNotice[];
}

interface Notification {
  readonly id: string;
  readonly pointer: string;
  readonly occasion: Occasion;
  readonly timing: string | null;
  readonly channels: readonly string[];
  readonly form: NoticeForm;
  readonly words: string | null;
}

/** `alerts`: the conditions of each monitored metric that has channels. `failures`: who hears that a validation gate failed. */
export function compileNotices(
  c: Compilation,
  alerts: readonly { readonly channels: readonly string[]; readonly texts: readonly string[] }[],
  failures: readonly { readonly gate: string; readonly channels: readonly string[] }[],
): CompiledCommunication {
  const { incident_communication } = c.document.communication_plan ?? {};
  const told = notificationsOf(c).map((notification) => compileNotification(c, notification));
  const status = compileStatusReports(c);
  const pointer = '/communication_plan/incident_communication/notification_channels';
  const incident = boundChannels(c, pointer, incident_communication?.notification_channels);
  const escalation = compileIncidentPath(c, incident);
  const routes: NoticeRoute[] = told.flatMap(({ routes: found }) => found);
  if (incident.length > 0) {
    for (const on of INCIDENT) {
      routes.push({ on, channels: incident, form: 'update', words: null, alerts: null });
    }
  }
  for (const { channels, texts } of alerts) {
    if (channels.length > 0 && texts.length > 0) {
      routes.push({ on: 'issue', channels, form: 'update', words: null, alerts: texts });
    }
  }
  for (const { gate, channels } of failures) {
    routes.push({ on: 'issue', channels, form: 'update', words: null, alerts: [], gates: [gate] });
  }
  const reports = [...status.reports, ...told.flatMap(({ report }) => (report === null ? [] : [report]))];
  return {
    told: {
      notices: [...routes, ...status.routes, ...escalation.routes],
      ...(reports.length === 0 ? {} : { reports }),
      ...(escalation.path === null ? {} : { incidentPath: escalation.path }),
    },
    later: told.flatMap(({ later }) => (later === undefined ? [] : [later])),
  };
}

function notificationsOf(c: Compilation): readonly Notification[] {
  return list(c.document.communication_plan?.stakeholder_communication).flatMap((stakeholders, group) =>
    list(stakeholders.notifications).flatMap((notification, index): Notification[] => {
      const pointer = below('/communication_plan/stakeholder_communication', group, 'notifications', index);
      const channels = boundChannels(c, below(pointer, 'channel'), notification.channel);
      const words = nonBlank(notification.template);
      if (words !== null) reportPlaceholders(c, below(pointer, 'template'), words);
      const timing = nonBlank(notification.timing);
      const occasion = notification.notification_type;
      if (!occasion) return [];
      const form = stakeholders.stakeholder_group === 'internal_team' ? 'update' : 'summary';
      const id = `notification ${group + 1}.${index + 1}`;
      return [{ id, pointer, occasion, timing, channels, form, words }];
    }),
  );
}

interface Told {
  readonly routes: readonly NoticeRoute[];
  readonly report: PlannedReport | null;
  readonly later?: LaterNotice;
}

/** At the events of its type, unless its timing says something narrower that is understood. */
function compileNotification(c: Compilation, notification: Notification): Told {
  const { id, occasion, timing, channels, form, words } = notification;
  const at = below(notification.pointer, 'timing');
  const route = { channels, form, words, alerts: null };
  const byType: Told = { routes: KINDS[occasion].map((on) => ({ on, ...route })), report: null };
  const chosen = (how: string, told: Told): Told => {
    if (timing !== null) c.cover(at, timing, 'automated', how);
    return channels.length === 0 ? { routes: [], report: null } : told;
  };
  const read = timing === null ? null : parseTiming(timing, occasion);
  switch (read?.kind) {
    case undefined:
      if (timing !== null) {
        c.cover(
          at,
          timing,
          'not-carried-out',
          'its words are not understood, so its type says when it is sent',
        );
      }
      return channels.length === 0 ? { routes: [], report: null } : byType;
    case 'event':
      return chosen(`sent when it happens: ${KINDS[occasion].join(', ')}`, byType);
    case 'lead':
      return chosen(
        `sent when the run is submitted: submit it ${describeDuration(read.ms)} ahead, and it waits for its window`,
        byType,
      );
    case 'lag':
      return read.ms === 0
        ? chosen('sent as soon as the run ends', byType)
        : chosen(...tellLater(notification, read.ms));
    case 'every':
      return chosen(`sent every ${describeDuration(read.ms)} while the run lasts`, {
        routes: [{ on: 'report', report: id, ...route }],
        report: { id, everyMs: read.ms, figures: [] },
      });
    case 'gates': {
      const ofPhases = list(c.document.migration_phases).flatMap(({ validation_gate: gate }) =>
        gate == null ? [] : [gate.gate_id],
      );
      const gates = [...ofPhases, ...c.gates.map(({ id: gate }) => gate)];
      return chosen('sent when a gate is passed', {
        routes: [{ on: 'progress', about: gates, ...route }],
        report: null,
      });
    }
    case 'phase': {
      const phases = phasesOf(c, read.which);
      if (phases === null) {
        c.cover(
          at,
          timing ?? '',
          'not-carried-out',
          'no phase of that name, so its type says when it is sent',
        );
        return channels.length === 0 ? { routes: [], report: null } : byType;
      }
      const begins = read.moment === 'begins';
      return chosen(`sent when ${phases.join(', ')} ${begins ? 'begins' : 'is completed'}`, {
        routes: [{ on: 'progress', about: phases, ...(begins ? { moment: 'begins' } : {}), ...route }],
        report: null,
      });
    }
    default:
      return read satisfies never;
  }
}

/** A completion is told so many milliseconds later, and any other end at once: nobody is left to tell it. */
function tellLater({ id, channels, form, words }: Notification, ms: number): [string, Told] {
  const later = id.replace(/[ .]/g, '-');
  const when = `${describeDuration(ms)} after the completion`;
  return [
    `sent ${when}; at once if the run ends in another way`,
    {
      routes: [{ on: 'ended', later, channels, form, words, alerts: null }],
      report: null,
      later: {
        kind: 'notice',
        id: later,
        name: `Tell ${channels.join(', ')} of the completion`,
        timing: when,
        irreversible: false,
        due: { kind: 'after', ms },
      },
    },
  ];
}

/** The ids of the phases; null when there is none of that name. */
function phasesOf(c: Compilation, which: string | null): readonly string[] | null {
  const phases = inOrder(c.document.migration_phases);
  if (which === null) return phases.map(({ phase_id: id }) => id);
  const wanted = which.toLowerCase();
  const named = phases.find(
    ({ phase_id: id, name }) => id.toLowerCase() === wanted || name.toLowerCase() === wanted,
  );
  if (named !== undefined) return [named.phase_id];
  const number = /^phase\s+(\d{1,9})$/i.exec(which)?.[1];
  const found = number === undefined ? null : new PhaseNumbers(c.document).find(Number(number));
  return found !== null && 'id' in found ? [found.id] : null;
}

/** A placeholder that stays as it is in a message to management is a slip. */
function reportPlaceholders(c: Compilation, pointer: string, template: string): void {
  for (const name of unknownPlaceholders(template)) {
    const meant = suggest(name, placeholderNames());
    c.report(pointer, {
      code: 'unknown-placeholder',
      severity: 'warning',
      message: `the template has the placeholder "{${name}}", which nothing fills in`,
      advice:
        meant === null
          ? `Known: ${placeholderNames()
              .map((known) => `{${known}}`)
              .join(', ')}.`
          : `Did you mean "{${meant}}"?`,
    });
  }
}
