import { expect, test } from 'vitest';
import { applyEvent } from '../../../strategy/run/apply.js';
import { checkBallot } from '../../../strategy/run/ballot.js';
import type { EventBody } from '../../../strategy/run/event.js';
import { describeIncident, nextToPassOn, openedBy, passedOn } from '../../../strategy/run/incidents.js';
import type { MigrationView } from '../../../strategy/run/view.js';
import { decision, event, view } from '../../cli/fixtures.js';

const MINUTE = 60_000;
const path = { names: ['On-call', 'Team lead', 'CTO'], responseMs: 15 * MINUTE };
const failure = decision({ id: 'failure:S1', kind: 'failure', question: 'S1 failed. What now?' });
const whole = (ms: number) => ms;

/** The view after these events, one after the other, with whom the path assigns them to. */
function after(...happenings: readonly EventBody[]): MigrationView {
  return happenings.reduce(
    (before, happening) => {
      const happened = event(before.seq, happening);
      const next = applyEvent(before, happened);
      const opened = openedBy(happened, path, whole);
      return opened === null ? next : applyEvent(next, event(next.seq, opened));
    },
    view({ seq: 0 }),
  );
}

function passOn(before: MigrationView): MigrationView {
  const due = nextToPassOn(before.incidents ?? []);
  if (due === null) throw new Error('nothing is to be passed on');
  return applyEvent(before, event(before.seq, passedOn(due, path, whole)));
}

const opened: EventBody = { type: 'decision-opened', decision: failure };
const vote: EventBody = {
  type: 'vote-cast',
  decision: failure.id,
  vote: { by: 'dora', role: 'DBA Lead', option: 'retry', reason: null, at: '2026-01-01T00:01:00.000Z' },
};

test('who does not answer in time is passed over to the next, down to the last', () => {
  let run = after(opened);
  expect(run.incidents?.[0]).toMatchObject({ asked: 'On-call', passedOver: [] });
  run = passOn(run);
  expect(run.incidents?.[0]).toMatchObject({ asked: 'Team lead', passedOver: ['On-call'] });
  run = passOn(run);
  expect(run.incidents?.[0]).toMatchObject({ asked: 'CTO', passedOver: ['On-call', 'Team lead'] });
  run = passOn(run);
  expect(run.incidents?.[0]).toMatchObject({ asked: null, until: null });
  expect(nextToPassOn(run.incidents ?? [])).toBeNull();
  expect(run.incidents?.map(describeIncident)).toEqual([
    'S1 failed. What now?: nobody on the escalation path has answered: On-call, Team lead, CTO',
  ]);
});

test('whoever is asked may answer, besides those who were asked before, and nobody before their turn', () => {
  const electorate = {
    roles: { CTO: { members: ['carol'], votes: 1 } },
    authority: { rollback: [], abort: [], pause: [], override: [] },
    submittedBy: 'erin',
    forbidSelfApproval: false,
  };
  const accepts = (run: MigrationView, by: string) => {
    const [open = failure] = run.decisions;
    const ballot = { decision: open.id, option: open.options[0] ?? '', by };
    return checkBallot(open, ballot, electorate, new Date(0)).accepted;
  };
  const first = after(opened);
  expect(['DBA Lead', 'On-call', 'carol'].map((by) => accepts(first, by))).toEqual([true, true, false]);
  const last = passOn(passOn(first));
  expect(['DBA Lead', 'On-call', 'carol'].map((by) => accepts(last, by))).toEqual([true, true, true]);
});

test('each has the whole response time', () => {
  const [first] = after(opened).incidents ?? [];
  const [second] = passOn(after(opened)).incidents ?? [];
  expect(Date.parse(first?.until ?? '') - Date.parse(first?.openedAt ?? '')).toBe(15 * MINUTE);
  expect(Date.parse(second?.until ?? '') - Date.parse(first?.until ?? '')).toBe(15 * MINUTE);
});

test.each<[string, EventBody]>([
  ['a vote', vote],
  ['a claim', { type: 'decision-claimed', decision: failure.id, by: 'dora', from: null, reason: null }],
  ['a pause', { type: 'paused', by: 'dora', reason: null }],
  ['a rollback', { type: 'command-accepted', command: 'rollback', by: 'dora', to: 'start', reason: null }],
])('%s is an answer: nobody else is asked', (_name, happening) => {
  const run = after(opened, happening);
  expect(nextToPassOn(run.incidents ?? [])).toBeNull();
  expect(run.incidents?.[0]).toMatchObject({ asked: 'On-call', answeredBy: 'dora' });
});

test('who lets go of a claim leaves the incident to the path again', () => {
  const claim: EventBody = {
    type: 'decision-claimed',
    decision: failure.id,
    by: 'dora',
    from: null,
    reason: null,
  };
  const release: EventBody = { type: 'decision-released', decision: failure.id, by: 'dora', reason: null };
  expect(nextToPassOn(after(opened, claim, release).incidents ?? [])).toMatchObject({ asked: 'On-call' });
});

test('an incident is over with its decision, its alert or the run', () => {
  const closed: EventBody = {
    type: 'decision-closed',
    decision: failure.id,
    option: 'retry',
    reason: 'by dora',
  };
  const alert: EventBody = { type: 'alert', step: 'S1', text: 'Error rate > 2%', evidence: '3%' };
  const ended: EventBody = { type: 'run-ended', status: 'aborted', landing: null, reason: 'Aborted.' };
  expect(after(opened, closed).incidents).toBeUndefined();
  expect(after(alert).incidents).toHaveLength(1);
  // It recovers in a later step than the one it fired in.
  expect(after(alert, { ...alert, type: 'alert-recovered', step: 'S2' }).incidents).toBeUndefined();
  expect(after(alert, ended).incidents).toBeUndefined();
});

test('nobody is paged for an approval, nor twice for an alert that stops the step', () => {
  expect(after({ type: 'decision-opened', decision: decision() }).incidents).toBeUndefined();
  const fatal: EventBody = { type: 'alert', step: 'S1', text: 'x', evidence: 'y', stops: true };
  expect(after(fatal, opened).incidents).toHaveLength(1);
});
