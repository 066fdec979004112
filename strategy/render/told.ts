/** Whom a run tells what, as reviewers of a plan read it. */
import type { NoticeKind, NoticeRoute, Plan, PlannedReport } from '../plan.js';
import { describeDuration } from './duration.js';

const WORDS: Readonly<Record<NoticeKind, string>> = {
  started: 'the start',
  progress: 'progress',
  decision: 'decisions',
  overdue: 'overdue answers',
  issue: 'trouble',
  recovery: 'ended rollbacks',
  report: 'status reports',
  incident: 'incidents passed on',
  ended: 'the end',
};

/** One line per channel, report and escalation path; none where nobody is told. */
export function describeToldOf({
  notices = [],
  reports = [],
  incidentPath,
}: Pick<Plan, 'notices' | 'reports' | 'incidentPath'>): readonly string[] {
  const channels = [...new Set(notices.flatMap((route) => route.channels))];
  return [
    ...channels.map((channel) => describeChannel(channel, notices)),
    ...reports.map(describeReport),
    ...(incidentPath === undefined
      ? []
      : [
          `incidents: ${incidentPath.names.join(', then ')}, each after ${describeDuration(incidentPath.responseMs)} without an answer`,
        ]),
  ];
}

function describeChannel(channel: string, notices: readonly NoticeRoute[]): string {
  const routes = notices.filter(({ channels }) => channels.includes(channel));
  const forms = new Set(routes.map(({ form }) => form));
  const words = new Set(routes.map(({ on }) => WORDS[on]));
  return `${channel} hears of ${[...words].join(', ')} (${[...forms].join(' and ')})`;
}

function describeReport({ id, everyMs, figures }: PlannedReport): string {
  const pace = everyMs === null ? 'after each phase' : `every ${describeDuration(everyMs)}`;
  const said = figures.length === 0 ? '' : `: ${figures.map(({ text }) => text).join(', ')}`;
  return `${id === 'status' ? 'status report' : id} ${pace}${said}`;
}
