/** Who may vote in whose place, and when not; who may claim. */
import { describe, expect, it } from 'vitest';
import type { Delegation } from '../../../strategy/plan.js';
import { type Ballot, checkBallot } from '../../../strategy/run/ballot.js';
import { type ClaimCommand, refusalOfClaim } from '../../../strategy/run/claim.js';
import { type Decision, outcomeOf, type Vote } from '../../../strategy/run/decision.js';
import type { Electorate } from '../../../strategy/run/electorate.js';
import { describeCaster } from '../../../strategy/run/voted.js';
import { possibleVoters } from '../../../strategy/run/voters.js';
import { decision } from '../../cli/fixtures.js';

const NOW = new Date('2026-12-22T12:00:00.000Z');
const AFTER = new Date('2026-12-25T00:00:00.000Z');

const delegation = (from: string, to: string, over: Partial<Delegation> = {}): Delegation => ({
  from,
  to,
  since: null,
  until: '2026-12-25T00:00:00.000Z',
  roles: null,
  ...over,
});

const among = (...delegations: readonly Delegation[]): Electorate => ({
  roles: {
    'DBA Lead': { members: ['dora', 'bob'], votes: 2 },
    Head: { members: ['hanna'], votes: 1 },
  },
  authority: { rollback: [], abort: [], pause: [], override: [] },
  delegations,
  submittedBy: 'erin',
  forbidSelfApproval: true,
});

const asked = decision({ needs: [{ role: 'DBA Lead', votes: 2 }] });

function check(
  electorate: Electorate,
  by: string,
  more: Partial<Ballot> = {},
  on: Decision = asked,
  now = NOW,
) {
  return checkBallot(on, { decision: on.id, option: 'approve', by, ...more }, electorate, now);
}

function why(...given: Parameters<typeof check>): string {
  const checked = check(...given);
  return checked.accepted ? 'accepted' : checked.why;
}

function voteOf(...given: Parameters<typeof check>): Vote {
  const checked = check(...given);
  if (!checked.accepted) throw new Error(checked.why);
  return { ...checked.vote, at: NOW.toISOString() };
}

describe('a vote in the place of somebody else', () => {
  const electorate = among(delegation('dora', 'dan'));

  it('counts as theirs, and the record says who gave it for whom', () => {
    const vote = voteOf(electorate, 'dan');
    expect(vote).toMatchObject({ by: 'dan', role: 'DBA Lead', onBehalfOf: 'dora' });
    expect(describeCaster(vote)).toBe('dan as "DBA Lead" for dora');
  });

  it('uses up the vote of whom it is for, and of who gave it', () => {
    const voted = { ...asked, votes: [voteOf(electorate, 'dan')] };
    expect(why(electorate, 'dora', {}, voted)).toContain(
      'dan has already voted "approve" on approval:GATE-1 for dora',
    );
    expect(why(electorate, 'dan', {}, voted)).toContain('dan has already voted');
    expect(outcomeOf(voted)).toBeNull();
    const both = { ...voted, votes: [...voted.votes, voteOf(electorate, 'bob', {}, voted)] };
    expect(outcomeOf(both)).toBe('approve');
  });

  it('is refused once they have voted themselves', () => {
    const voted = { ...asked, votes: [voteOf(electorate, 'dora')] };
    expect(why(electorate, 'dan', {}, voted)).toContain('dora has already voted');
  });

  it('is refused from the end of the delegation on, and before its beginning, with the dates', () => {
    expect(why(electorate, 'dan', {}, asked, AFTER)).toContain(
      'dan stood in for dora until 2026-12-25T00:00:00.000Z',
    );
    const later = among(delegation('dora', 'dan', { since: '2026-12-23T00:00:00.000Z' }));
    expect(why(later, 'dan')).toContain('only from 2026-12-23T00:00:00.000Z on');
  });

  it('is refused when it was passed on', () => {
    const chain = among(delegation('dora', 'dan'), delegation('dan', 'zoe'));
    expect(why(chain, 'zoe')).toContain('zoe stands in for dan, who only stands in for dora');
  });

  it('is refused for a role that the delegation does not cover', () => {
    const narrow = among(delegation('hanna', 'dan', { roles: ['Head'] }));
    expect(why(narrow, 'dan')).toContain('dan does not hold a role that this decision needs');
  });

  it("approves nobody's own work: not for who submitted the run, and not by them", () => {
    const submitter = { ...among(delegation('dora', 'dan')), submittedBy: 'dora' };
    expect(why(submitter, 'dan')).toContain('dora submitted this run, and forbidSelfApproval is set');
    expect(check(submitter, 'dan', { option: 'reject' }).accepted).toBe(true);
    expect(why({ ...electorate, submittedBy: 'dan' }, 'dan')).toContain('dan submitted this run');
  });

  it("is one person's: who stands in for two says for whom", () => {
    const two = among(delegation('dora', 'dan'), delegation('bob', 'dan'));
    expect(why(two, 'dan')).toContain('Choose one: --for NAME');
    expect(voteOf(two, 'dan', { onBehalfOf: 'bob' })).toMatchObject({ onBehalfOf: 'bob' });
    expect(why(two, 'dan', { onBehalfOf: 'erin' })).toContain('dan does not stand in for erin here');
    expect(
      possibleVoters(asked, { by: 'dan', named: true }, two, NOW).map(({ onBehalfOf }) => onBehalfOf),
    ).toEqual(['dora', 'bob']);
  });

  it('is not given by who holds the role and did not say so', () => {
    const own = among(delegation('dora', 'bob'));
    expect(voteOf(own, 'bob').onBehalfOf).toBeUndefined();
    expect(voteOf(own, 'bob', { onBehalfOf: 'dora' }).onBehalfOf).toBe('dora');
  });
});

describe('a decision that was escalated', () => {
  const next = { role: 'Head', members: ['hanna'] };
  const escalated = decision({ needs: [{ role: 'DBA Lead', votes: 1, escalatedTo: [next] }] });

  it('takes the vote of the next role for the one that did not answer, and records it as such', () => {
    expect(why(among(), 'hanna', {}, { ...escalated, needs: [{ role: 'DBA Lead', votes: 1 }] })).toContain(
      'does not hold',
    );
    const vote = voteOf(among(), 'hanna', {}, escalated);
    expect(vote).toMatchObject({ role: 'DBA Lead', escalatedTo: 'Head' });
    expect(outcomeOf({ ...escalated, votes: [vote] })).toBe('approve');
    expect(describeCaster(vote)).toBe('hanna as "Head", escalated from "DBA Lead"');
  });

  it('still takes the vote of the role that was asked first, and of who stands in for the next', () => {
    expect(voteOf(among(), 'dora', {}, escalated).escalatedTo).toBeUndefined();
    const vote = voteOf(among(delegation('hanna', 'zoe')), 'zoe', { role: 'Head' }, escalated);
    expect(vote).toMatchObject({ escalatedTo: 'Head', onBehalfOf: 'hanna' });
  });

  it('still refuses who submitted the run', () => {
    expect(why({ ...among(), submittedBy: 'hanna' }, 'hanna', {}, escalated)).toContain('forbidSelfApproval');
  });
});

describe('a claim', () => {
  const electorate = among(delegation('dora', 'dan'));
  const claim = (
    by: string,
    command: ClaimCommand['command'],
    claimedBy: string | null = null,
    id = asked.id,
  ) => refusalOfClaim({ command, by, decision: id }, [{ ...asked, claimedBy }], electorate, NOW);

  it('is for whoever may vote, those who stand in included', () => {
    expect(claim('dora', 'claim')).toBeNull();
    expect(claim('dan', 'claim')).toBeNull();
    expect(claim('mallory', 'claim')).toContain('mallory cannot vote on approval:GATE-1');
  });

  it('of a decision that is closed, or that never was, is refused', () => {
    expect(claim('dora', 'claim', null, 'approval:GATE-9')).toBe(
      '"approval:GATE-9" is not an open decision. Open: approval:GATE-1.',
    );
  });

  it('of somebody else stands until it is taken over or released by them', () => {
    expect(claim('bob', 'claim', 'dora')).toContain('dora has claimed');
    expect(claim('bob', 'take-over', 'dora')).toBeNull();
    expect(claim('bob', 'release', 'dora')).toContain('only they release it');
    expect(claim('dora', 'release', 'dora')).toBeNull();
    expect(claim('dora', 'release')).toContain('nothing to release');
  });

  it('restricts nobody', () => {
    expect(check(electorate, 'bob', {}, { ...asked, claimedBy: 'dora' }).accepted).toBe(true);
  });
});
