import { describe, expect, test } from 'vitest';
import { possibleVoters } from '../../../strategy/run/voters.js';
import { decision } from '../../cli/fixtures.js';

const NOW = new Date(0);
const options = ['approve', 'reject'];
const authority = { rollback: [], abort: [], pause: [], override: [] };
const electorate = { roles: {}, authority, submittedBy: 'erin', forbidSelfApproval: false };
const bound = { ...electorate, roles: { 'DBA Lead': { members: ['alice'], votes: 1 } } };
const needsTwo = decision({
  needs: [
    { role: 'DBA Lead', votes: 1 },
    { role: 'CTO', votes: 1 },
  ],
});

describe('who may answer at the keyboard', () => {
  test('a member of the role, under the role', () => {
    expect(possibleVoters(decision(), { by: 'alice', named: true }, bound, NOW)).toEqual([
      { by: 'alice', role: 'DBA Lead', options },
    ]);
  });

  test('nobody else, when the bindings name the role', () => {
    expect(possibleVoters(decision(), { by: 'bob', named: false }, bound, NOW)).toEqual([]);
  });

  test('whoever sits there, under the name of a role that is not bound', () => {
    expect(possibleVoters(decision(), { by: 'bob', named: false }, electorate, NOW)).toEqual([
      { by: 'DBA Lead', role: 'DBA Lead', options },
    ]);
  });

  test('not so when they said who they are', () => {
    expect(possibleVoters(decision(), { by: 'bob', named: true }, electorate, NOW)).toEqual([]);
  });

  test('one seat per role that still needs a vote', () => {
    const vote = { by: 'CTO', role: 'CTO', option: 'approve' as const, reason: null, at: '' };
    const actor = { by: 'bob', named: false };
    expect(possibleVoters(needsTwo, actor, electorate, NOW)).toHaveLength(2);
    expect(possibleVoters({ ...needsTwo, votes: [vote] }, actor, electorate, NOW)).toEqual([
      { by: 'DBA Lead', role: 'DBA Lead', options },
    ]);
  });

  test('anyone, where nobody in particular is asked', () => {
    expect(possibleVoters(decision({ needs: [] }), { by: 'bob', named: true }, electorate, NOW)).toEqual([
      { by: 'bob', options },
    ]);
  });

  test('who submitted the run is not offered to approve it when self-approval is forbidden', () => {
    const strict = { ...bound, submittedBy: 'alice', forbidSelfApproval: true };
    expect(possibleVoters(decision(), { by: 'alice', named: true }, strict, NOW)).toEqual([
      { by: 'alice', role: 'DBA Lead', options: ['reject'] },
    ]);
  });
});
