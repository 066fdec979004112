/** A signature counts for exactly what its signer saw, once, for ten minutes. */
import { describe, expect, it } from 'vitest';
import type { Ballot } from '../../../strategy/run/ballot.js';
import { checkPayload, claimsOfCommand, claimsOfVote } from '../../../strategy/run/signed.js';

const NOW = new Date('2026-11-25T12:00:00.000Z');
const SECONDS = NOW.getTime() / 1000;
const place = {
  installation: 'shop',
  run: 'run-1',
  startedAt: '2026-11-25T11:00:00.000Z',
  planHash: 'plan-1',
};
const ballot: Ballot = {
  decision: 'approval:G',
  option: 'approve',
  by: 'alice',
  role: 'Lead',
  reason: 'looks good',
  evidenceHash: 'evidence-1',
};
const times = { iat: SECONDS, exp: SECONDS + 600, jti: 'id-1' };
const signed = { ...claimsOfVote(place, ballot), ...times };

/** What becomes of a payload that is sent with `ballot` to `place`. */
function check(payload: object, used: ReadonlyMap<string, number> = new Map()) {
  return checkPayload(JSON.stringify(payload), claimsOfVote(place, ballot), used, NOW);
}

function why(payload: object, used?: ReadonlyMap<string, number>): string {
  const checked = check(payload, used);
  return 'why' in checked ? checked.why : 'it counts';
}

describe('a signed vote', () => {
  it('counts when it says just what the message says', () => {
    expect(check(signed)).toEqual({ id: 'id-1', expires: SECONDS + 600 });
  });

  it.each([
    ['iss', 'another person'],
    ['aud', 'another installation'],
    ['run', 'another run'],
    ['started', 'an earlier run'],
    ['plan', 'another plan'],
    ['decision', 'another decision'],
    ['option', 'another option'],
    ['role', 'another role'],
    ['evidence', 'other evidence'],
    ['reason', 'another reason'],
  ])('does not count when its %s is another, or missing', (claim, words) => {
    expect(why({ ...signed, [claim]: 'other' })).toContain(words);
    expect(why({ ...signed, [claim]: undefined })).toContain(words);
  });

  it('counts once', () => {
    expect(why(signed, new Map([['id-1', SECONDS + 600]]))).toContain('used before');
    expect(why({ ...signed, jti: undefined })).toContain('jti');
    expect(why({ ...signed, jti: 'x'.repeat(101) })).toContain('jti');
  });

  it('counts for ten minutes at most, by the clock of the engine', () => {
    expect(why({ ...signed, iat: SECONDS - 601, exp: SECONDS - 1 })).toContain(
      'expired at 2026-11-25T11:59:59',
    );
    expect(why({ ...signed, exp: SECONDS + 601 })).toContain('10 minutes');
    expect(why({ ...signed, iat: SECONDS + 61, exp: SECONDS + 90 })).toContain('clock');
    expect(why({ ...signed, iat: SECONDS + 59, exp: SECONDS + 90 })).toBe('it counts');
    expect(why({ ...signed, exp: 1e300, iat: 1e300 })).toContain('10 minutes');
    expect(why({ ...signed, exp: undefined })).toContain('10 minutes');
  });

  it('does not count with claims that nobody checks, or without any', () => {
    expect(why({ ...signed, delegate: 'mallory' })).toContain('does not know');
    expect(why({ ...signed, constructor: 'x' })).toContain('does not know');
    expect(checkPayload('no JSON', claimsOfVote(place, ballot), new Map(), NOW)).toHaveProperty('why');
    expect(checkPayload('null', claimsOfVote(place, ballot), new Map(), NOW)).toHaveProperty('why');
  });

  it('is no command, and the other way round', () => {
    const command = { command: 'abort', by: 'alice' } as const;
    expect(why({ ...claimsOfCommand(place, command), ...times })).not.toBe('it counts');
    const checked = checkPayload(JSON.stringify(signed), claimsOfCommand(place, command), new Map(), NOW);
    expect(checked).toHaveProperty('why');
  });
});

it('a signed rollback is bound to its landing', () => {
  const to = (landing: string) => claimsOfCommand(place, { command: 'rollback', by: 'alice', to: landing });
  const payload = JSON.stringify({ ...to('P1'), ...times });
  expect(checkPayload(payload, to('P1'), new Map(), NOW)).toMatchObject({ id: 'id-1' });
  expect(checkPayload(payload, to('start'), new Map(), NOW)).toMatchObject({
    why: expect.stringContaining('another landing'),
  });
});
