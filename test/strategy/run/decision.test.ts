import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ballot, checkBallot, refusalOfExpired } from '../../../strategy/run/ballot.js';
import {
  type Decision,
  hashEvidence,
  OPTIONS,
  openNeeds,
  outcomeOf,
  reasonFor,
} from '../../../strategy/run/decision.js';
import { type Electorate, holdsRole } from '../../../strategy/run/electorate.js';

const NOW = new Date('2026-01-01T00:00:05.000Z');

const electorate: Electorate = {
  roles: {
    'DBA Lead': { members: ['alice', 'bob'], votes: 1 },
    Manager: { members: ['alice', 'carol'], votes: 1 },
    Board: { members: ['alice', 'bob', 'carol', 'dan'], votes: 2 },
  },
  authority: { rollback: [], abort: [], pause: [], override: [] },
  submittedBy: 'carol',
  forbidSelfApproval: false,
};

function approval(needs: Decision['needs'], votes: Decision['votes'] = []): Decision {
  return {
    id: 'approval:GATE-1',
    kind: 'approval',
    subject: 'GATE-1',
    question: 'Approve?',
    options: ['approve', 'reject'],
    needs,
    votes,
    openedAt: '2026-01-01T00:00:00.000Z',
    deadline: null,
    evidence: [],
    checklist: [],
    reasonFor: [],
    planHash: 'abc',
    evidenceHash: hashEvidence([]),
    claimedBy: null,
  };
}

function cast(decision: Decision, by: string, option = 'approve', more: Partial<Ballot> = {}): Decision {
  const check = checkBallot(decision, { decision: decision.id, option, by, ...more }, electorate, NOW);
  if (!check.accepted) throw new Error(check.why);
  return { ...decision, votes: [...decision.votes, { ...check.vote, at: '2026-01-01T00:00:01.000Z' }] };
}

function why(decision: Decision, ballot: Partial<Ballot>, among = electorate): string {
  const check = checkBallot(
    decision,
    { decision: decision.id, option: 'approve', by: 'alice', ...ballot },
    among,
    NOW,
  );
  return check.accepted ? 'accepted' : check.why;
}

describe('a vote that names what its voter saw', () => {
  const seen = [{ text: 'rows match', how: 'sql', verdict: 'pass', evidence: '0 differ' }] as const;
  const asked = { ...approval([]), evidence: seen, evidenceHash: hashEvidence(seen) };

  it('counts for the same evidence, in whatever order its keys stand', () => {
    const [{ text, how, verdict, evidence }] = seen;
    const same = hashEvidence([{ evidence, verdict, how, text }]);
    expect(why(asked, { evidenceHash: same })).toBe('accepted');
  });

  it('is refused after the instant until which it is valid', () => {
    const now = new Date('2026-01-01T00:00:10.000Z');
    expect(refusalOfExpired({ validUntil: '2026-01-01T00:00:10.000Z' }, now)).toBeNull();
    expect(refusalOfExpired({}, now)).toBeNull();
    expect(refusalOfExpired({ validUntil: '2026-01-01T00:00:09.000Z' }, now)).toMatch(/expired at/);
    expect(refusalOfExpired({ validUntil: 'soon' }, now)).toMatch(/expired at soon/);
  });

  it('is refused when the evidence has changed since', () => {
    const stale = hashEvidence([{ ...seen[0], evidence: '7 differ' }]);
    expect(why(asked, { evidenceHash: stale })).toMatch(/evidence of approval:GATE-1 has changed/);
    expect(why({ ...asked, recordHead: 'a' }, { recordHead: 'a' })).toBe('accepted');
    expect(why({ ...asked, recordHead: 'a' }, { recordHead: 'b' })).toMatch(/names another record/);
  });
});

describe('an approval', () => {
  const both = approval([
    { role: 'DBA Lead', votes: 1 },
    { role: 'Manager', votes: 1 },
  ]);

  it('needs a yes from every role', () => {
    const half = cast(both, 'bob');
    expect(outcomeOf(half)).toBeNull();
    expect(openNeeds(half)).toEqual([{ role: 'Manager', votes: 1 }]);
    expect(outcomeOf(cast(half, 'carol'))).toBe('approve');
  });

  it('ends with the first no', () => {
    expect(outcomeOf(cast(cast(both, 'bob'), 'carol', 'reject'))).toBe('reject');
  });

  it('is not voted on twice by one person, nor for two roles', () => {
    const half = cast(both, 'alice', 'approve', { role: 'DBA Lead' });
    expect(why(half, { by: 'alice' })).toContain('already voted');
    expect(why(both, { by: 'alice' })).toContain('one role only');
  });

  it('counts as many votes of a role as the bindings ask for', () => {
    const board = approval([{ role: 'Board', votes: 2 }]);
    const one = cast(board, 'alice');
    expect(outcomeOf(one)).toBeNull();
    expect(outcomeOf(cast(one, 'dan'))).toBe('approve');
  });

  it('refuses who holds no role, who submitted it, and a vote for another plan, each with the reason', () => {
    expect(why(both, { by: 'mallory' })).toContain('does not hold');
    expect(why(both, { by: 'bob', role: 'Manager' })).toContain('"Manager"');
    expect(why(both, { by: 'bob', role: 'CEO' })).toContain('does not ask for the role');
    expect(why(both, { by: 'carol' }, { ...electorate, forbidSelfApproval: true })).toContain(
      'submitted this run',
    );
    expect(why(both, { by: 'bob', planHash: 'other' })).toContain('plan');
    expect(why(both, { option: 'maybe' })).toContain('approve, reject');
    expect(why(both, { by: '  ' })).toContain('name');
  });

  it('lets somebody else of the role vote no more once the role has its votes', () => {
    expect(why(cast(both, 'bob'), { by: 'alice', role: 'DBA Lead' })).toContain('already has every vote');
  });
});

describe('a role', () => {
  it('that no binding names is held by its namesake only', () => {
    expect(holdsRole(electorate.roles, 'VP', 'VP')).toBe(true);
    expect(holdsRole(electorate.roles, 'alice', 'VP')).toBe(false);
    expect(holdsRole(electorate.roles, 'DBA Lead', 'DBA Lead')).toBe(false);
    expect(holdsRole(electorate.roles, 'constructor', 'constructor')).toBe(true);
  });
});

describe('going against the machine', () => {
  const failure: Decision = {
    ...approval([]),
    id: 'failure:STEP-1',
    kind: 'failure',
    options: ['retry', 'skip', 'abort'],
    reasonFor: ['skip'],
  };

  it('needs a reason that says something', () => {
    expect(why(failure, { option: 'skip' })).toContain('reason');
    expect(why(failure, { option: 'skip', reason: '   ' })).toContain('reason');
    expect(why(failure, { option: 'skip', reason: 'known flake' })).toBe('accepted');
    expect(why(failure, { option: 'retry' })).toBe('accepted');
  });
});

it('no sequence of accepted votes holds two of one person, or more of a role than it needs', () => {
  const people = ['alice', 'bob', 'carol', 'dan', 'DBA Lead'];
  const roles = ['DBA Lead', 'Manager', 'Board'];
  const ballots = fc.array(
    fc.record({
      by: fc.constantFrom(...people),
      role: fc.constantFrom(...roles, undefined),
      option: fc.constantFrom('approve', 'reject'),
    }),
  );
  fc.assert(
    fc.property(ballots, (given) => {
      let decision = approval([
        { role: 'DBA Lead', votes: 1 },
        { role: 'Manager', votes: 1 },
        { role: 'Board', votes: 2 },
      ]);
      for (const ballot of given) {
        if (outcomeOf(decision) !== null) break;
        const check = checkBallot(decision, { ...ballot, decision: decision.id }, electorate, NOW);
        if (check.accepted) {
          decision = { ...decision, votes: [...decision.votes, { ...check.vote, at: '' }] };
        }
      }
      const voters = decision.votes.map(({ by }) => by);
      expect(new Set(voters).size).toBe(voters.length);
      for (const { role, votes } of decision.needs) {
        expect(decision.votes.filter((vote) => vote.role === role).length).toBeLessThanOrEqual(votes);
      }
      for (const { by, role } of decision.votes) expect(holdsRole(electorate.roles, by, role)).toBe(true);
    }),
  );
});

describe('a review of rows that differ', () => {
  const options = OPTIONS.review;
  const reasons = reasonFor('review', options);
  const review: Decision = {
    ...approval([]),
    id: 'review:DATA-1',
    kind: 'review',
    options,
    reasonFor: reasons,
  };

  it('is answered with a reason only, whatever the answer', () => {
    for (const option of ['apply-source', 'keep-target']) {
      expect(why(review, { option })).toContain('settles which rows are right');
      expect(why(review, { option, reason: 'the old system is right' })).toBe('accepted');
    }
  });

  it('takes values of its own only where they can be read and checked later', () => {
    expect(why(review, { option: 'custom', reason: 'corrected by hand' })).toContain('as JSON');
    expect(why(review, { option: 'custom', reason: 'half a row {"id": 1' })).toContain('as JSON');
    expect(why(review, { option: 'custom', reason: 'no value {"id": 1}' })).toContain('as JSON');
    expect(why(review, { option: 'custom', reason: 'see [12]: {"id": 1, "email": null}' })).toBe('accepted');
    expect(why(review, { option: 'custom', reason: '[{"id": 1, "a": 2}, {"id": 2, "a": 3}]' })).toBe(
      'accepted',
    );
  });
});
