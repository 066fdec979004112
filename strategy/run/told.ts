/** What people were told, kept up to date event by event: the latest status reports, open incidents, channels that fail. */
import type { RunEvent } from './event.js';
import { describeIncident, incidentsAfter } from './incidents.js';
import type { DeafChannel, Figure, IncidentView, ReportView } from './told-view.js';

/** Fields of the view. */
interface Told {
  readonly reports?: readonly ReportView[];
  readonly incidents?: readonly IncidentView[];
  readonly deafChannels?: readonly DeafChannel[];
}

/** The fields after an event; none where nobody was told anything. */
export function toldAfter(view: Told, event: RunEvent): Told {
  const { reports = [], incidents = [], deafChannels = [] } = view;
  return {
    ...present('reports', reportsAfter(reports, event)),
    ...present('incidents', incidentsAfter(incidents, event)),
    ...present('deafChannels', deafAfter(deafChannels, event)),
  };
}

/** One line for people. */
export function describeDeafChannel({ channel, failures, why }: DeafChannel): string {
  return `${channel} did not take ${failures === 1 ? 'a notice' : `${failures} notices`}: ${why}`;
}

/** Such as "error_rate 0.2%, progress 50% (1 of 2 steps)". */
export function describeFigures(figures: readonly Figure[]): string {
  return figures.map(({ text, value }) => `${text}: ${value}`).join('; ');
}

/** Always there as a key, so that a field that became empty is taken away. */
function present<K extends keyof Told>(key: K, values: NonNullable<Told[K]>): Told {
  return values.length === 0 ? {} : { [key]: values };
}

function reportsAfter(reports: readonly ReportView[], event: RunEvent): readonly ReportView[] {
  if (event.type !== 'status-report') return reports;
  const { report: id, number, at, figures, next } = event;
  return [...reports.filter((each) => each.id !== id), { id, number, at, figures, next }];
}

function deafAfter(deaf: readonly DeafChannel[], event: RunEvent): readonly DeafChannel[] {
  if (event.type !== 'notice-failed') return deaf;
  const { channel, why, at } = event;
  const known = deaf.find((each) => each.channel === channel);
  const now = { channel, failures: (known?.failures ?? 0) + 1, why, at };
  return [...deaf.filter((each) => each !== known), now];
}

/** Who was told what, for people: open incidents first, then the latest reports, then the channels that fail. */
export function describeTold({ incidents = [], reports = [], deafChannels = [] }: Told): readonly string[] {
  return [
    ...incidents.map((incident) => `Incident: ${describeIncident(incident)}`),
    ...reports.map(describeReport),
    ...deafChannels.map((channel) => `Notices: ${describeDeafChannel(channel)}`),
  ];
}

function describeReport({ number, at, figures, next }: ReportView): string {
  const said = figures.length === 0 ? '' : `: ${describeFigures(figures)}`;
  return `Status report ${number} of ${at}${said}${next === null ? '' : `. Next: ${next}`}`;
}
