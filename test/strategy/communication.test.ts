import { expect, test } from 'vitest';
import { renderPlan } from '../../strategy/render/plan.js';
import type { EventBody } from '../../strategy/run/event.js';
import { noticesOf } from '../../strategy/run/notice.js';
import { describeTold } from '../../strategy/run/told.js';
import { view } from '../cli/fixtures.js';
import type { JsonObject } from './sample.js';
import { compileText } from './support/compile-text.js';

const PHASES = [
  { phase_id: 'PHASE-1', name: 'Expand', order: 1, steps: [] },
  { phase_id: 'PHASE-2', name: 'Switch', order: 2, steps: [] },
];
const BINDINGS = `
channels:
  "#ops": { slack: "\${env:SLACK}" }
  boss: { email: { smtp: "\${env:SMTP}", from: a@example.com, to: [boss@example.com] } }
metrics: { error_rate: { command: errors } }
`;

function compiled(communication_plan: JsonObject) {
  const strategy = { metadata: { version: '1.0.0' }, migration_phases: PHASES, communication_plan };
  const { plan, coverage, problems } = compileText({
    strategy: JSON.stringify(strategy),
    bindings: BINDINGS,
    files: {},
  });
  if (plan === null) throw new Error(JSON.stringify(problems));
  const how = (text: string) => {
    const found = coverage.sentences.find((sentence) => sentence.text === text);
    return found === undefined ? 'not covered' : `${found.kind}: ${found.how}`;
  };
  return { plan, how, problems: problems.map(({ code, message }) => `${code}: ${message}`) };
}

const notification = (timing: string, more: JsonObject = {}) =>
  compiled({
    stakeholder_communication: [
      {
        stakeholder_group: 'management',
        notifications: [{ notification_type: 'during_migration', timing, channel: ['#ops'], ...more }],
      },
    ],
  });

test('a timing narrows a notification down to the phases, gates or times that it names', () => {
  expect(notification('after Phase 1').plan.notices).toMatchObject([{ on: 'progress', about: ['PHASE-1'] }]);
  expect(notification('before Switch').plan.notices).toMatchObject([
    { on: 'progress', about: ['PHASE-2'], moment: 'begins' },
  ]);
  const hourly = notification('hourly').plan;
  expect(hourly.notices).toMatchObject([{ on: 'report', report: 'notification 1.1' }]);
  expect(hourly.reports).toEqual([{ id: 'notification 1.1', everyMs: 3_600_000, figures: [] }]);
});

test('words of a timing that are not all understood leave it to the type, and check says so', () => {
  for (const timing of ['after Phase 7', 'every hour unless it rains']) {
    const { plan, how } = notification(timing);
    expect(plan.notices.map(({ on }) => on)).toEqual(['progress', 'decision']);
    expect(how(timing)).toMatch(/^not-carried-out: .*its type says when it is sent/);
  }
});

test('what is to be told a day after the completion is told then, and any other end at once', () => {
  const { plan, how } = notification('24 hours after completion', { notification_type: 'post_migration' });
  expect(plan.notices).toMatchObject([{ on: 'ended', later: 'notification-1-1', channels: ['#ops'] }]);
  expect(plan.afterwards?.followUps).toMatchObject([
    { kind: 'notice', id: 'notification-1-1', due: { kind: 'after', ms: 24 * 3_600_000 } },
  ]);
  expect(how('24 hours after completion')).toBe(
    'automated: sent 1 day after the completion; at once if the run ends in another way',
  );
  expect(renderPlan(plan)).toContain('notification-1-1 Tell #ops of the completion: notice, 1 day after');
  const hears = (event: EventBody) =>
    noticesOf({ seq: 1, at: '2026-01-01T00:00:00.000Z', ...event }, view(), plan.notices, () => null).length;
  const reason = '';
  expect(hears({ type: 'migration-completed', reason })).toBe(0);
  expect(hears({ type: 'follow-up-status', id: 'CLEAN-1', status: 'completed', reason })).toBe(0);
  expect(hears({ type: 'follow-up-status', id: 'notification-1-1', status: 'completed', reason })).toBe(1);
  expect(hears({ type: 'run-ended', status: 'rolled_back', landing: 'start', reason })).toBe(1);
  expect(hears({ type: 'run-ended', status: 'completed', landing: null, reason })).toBe(0);
});

test('a template with a placeholder that nothing fills in is found before the run', () => {
  expect(notification('hourly', { template: 'Now in {pahse}.' }).problems).toEqual([
    'unknown-placeholder: the template has the placeholder "{pahse}", which nothing fills in',
  ]);
});

test('a status report measures bound metrics, knows the figures of the run, and says what nobody measures', () => {
  const { plan, how, problems } = compiled({
    status_reporting: {
      frequency: 'Daily',
      format: 'email',
      recipients: ['boss@example.com', 'everybody'],
      metrics_to_report: ['Error rate', 'Steps completed', 'Happiness'],
    },
  });
  expect(plan.reports?.[0]).toMatchObject({
    everyMs: 24 * 3_600_000,
    figures: [{ metric: 'error_rate' }, { state: 'progress' }, { text: 'Happiness' }],
  });
  // The address stands for the channel that sends to it alone.
  expect(plan.notices).toMatchObject([{ on: 'report', channels: ['boss'], form: 'summary' }]);
  expect(how('everybody')).toBe('not-carried-out: not sent there: no channel of that name is bound');
  expect(problems).toEqual([
    'not-reported: status reports are to say "Happiness", and no metric of that name is bound',
  ]);
});

test('an escalation path without a readable response time still escalates, and check warns', () => {
  const { plan, problems } = compiled({
    incident_communication: { escalation_path: ['On-call', 'boss'], response_time_sla: 'soon' },
  });
  expect(plan.incidentPath).toEqual({ names: ['On-call', 'boss'], responseMs: 900_000 });
  expect(plan.notices).toMatchObject([{ on: 'incident', to: 'boss', channels: ['boss'] }]);
  expect(problems).toEqual([
    'bad-duration: "soon" is not a duration, so an incident is passed on after 15 minutes',
  ]);
});

test('reviewers read in the plan who is told what, how often, and who is asked after whom', () => {
  const { plan } = compiled({
    status_reporting: { frequency: 'hourly', recipients: ['#ops'], metrics_to_report: ['Progress'] },
    incident_communication: {
      escalation_path: ['On-call', 'boss'],
      response_time_sla: '15 minutes',
      notification_channels: ['#ops'],
    },
  });
  const text = renderPlan(plan);
  expect(text).toContain(
    '#ops hears of trouble, decisions, overdue answers, ended rollbacks, status reports',
  );
  expect(text).toContain('status report every 1 hour: Progress');
  expect(text).toContain('incidents: On-call, then boss, each after 15 minutes without an answer');
});

test('status says what people were told last, who is asked, and which channel fails', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const incident = {
    key: 'k',
    decision: null,
    text: 'Alert: errors',
    openedAt: at,
    asked: 'boss',
    since: at,
  };
  const lines = describeTold(
    view({
      incidents: [{ ...incident, until: at, passedOver: ['On-call'], answeredBy: null }],
      reports: [{ id: 'status', number: 2, at, figures: [{ text: 'Progress', value: '50%' }], next: at }],
      deafChannels: [{ channel: '#ops', failures: 2, why: 'It answered 404.', at }],
    }),
  );
  expect(lines).toEqual([
    `Incident: Alert: errors: boss is asked until ${at}; did not answer in time: On-call`,
    `Status report 2 of ${at}: Progress: 50%. Next: ${at}`,
    'Notices: #ops did not take 2 notices: It answered 404.',
  ]);
});
