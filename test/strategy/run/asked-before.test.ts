/** Who is asked again sees what has changed, and what is carried out after a yes. */
import { expect, it } from 'vitest';
import { stepsAhead } from '../../../strategy/run/ahead.js';
import { askedBefore } from '../../../strategy/run/asked-before.js';
import type { RequirementView } from '../../../strategy/run/requirement.js';
import { refusalOfVoter } from '../../../strategy/run/voters.js';
import { decision, event } from '../../cli/fixtures.js';
import { planOf, stepOf, strategyOf } from '../support/compile-text.js';

const result = (text: string, verdict: RequirementView['verdict'], evidence: string): RequirementView => ({
  ...{ text, how: 'metric', verdict, evidence },
});
const first = decision({
  evidence: [result('Errors', 'fail', '2%'), result('Same', 'pass', 'ok'), result('Gone', 'pass', '1')],
});
const again = decision({
  id: 'approval:GATE-1#2',
  evidence: [result('Errors', 'pass', '0.1%'), result('Same', 'pass', 'ok'), result('New', 'pass', '3')],
});
const events = [
  event(1, { type: 'decision-opened', decision: first }),
  event(2, { type: 'decision-closed', decision: first.id, option: 'reject', reason: 'alice rejected it.' }),
  event(3, { type: 'decision-opened', decision: again }),
];

it('only what the machine sees otherwise than the last time is told, with how that ended', () => {
  const before = askedBefore(events, again);
  expect(before).toMatchObject({ id: first.id, outcome: 'alice rejected it.' });
  expect(
    before?.changes.map(({ text, before: was, after }) => [text, was?.evidence, after?.evidence]),
  ).toEqual([
    ['Errors', '2%', '0.1%'],
    ['New', undefined, '3'],
    ['Gone', '1', undefined],
  ]);
  expect(askedBefore(events, first)).toBeNull();
});

it('the commands of a failed step are told, and behind a gate those of the next phase', () => {
  const plan = planOf({
    strategy: strategyOf(stepOf('A', 1, "execution_details: { commands: ['date -u'] }")),
  });
  expect(stepsAhead(plan, { subject: 'A' })).toMatchObject([
    { id: 'A', lines: [expect.stringContaining('date -u')] },
  ]);
  expect(stepsAhead(plan, { subject: 'completion' })).toEqual([]);
});

it('who cannot vote hears the reason that a vote of theirs would get', () => {
  const electorate = {
    roles: { 'DBA Lead': { members: ['dora'], votes: 1 } },
    authority: { pause: [], abort: [], rollback: [], override: [] },
    ...{ submittedBy: 'dora', forbidSelfApproval: true },
  };
  const asked = decision({
    needs: [{ role: 'DBA Lead', votes: 1, members: ['dora'] }],
    options: ['approve'],
  });
  const why = (by: string) => refusalOfVoter(asked, { by, named: true }, electorate, new Date(0));
  expect(why('dora')).toContain('submitted this run');
  expect(why('eve')).toContain('does not hold a role');
  expect(
    refusalOfVoter(asked, { by: 'dora', named: true }, { ...electorate, submittedBy: 'x' }, new Date(0)),
  ).toBeNull();
});
