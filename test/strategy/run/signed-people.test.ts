/** What a signature must say where somebody voted for another or claimed a decision: the record is verified against it later. */
import { expect, test } from 'vitest';
import { differingClaim, signedMessages } from '../../../strategy/record/signed-messages.js';
import type { EventBody, RunEvent } from '../../../strategy/run/event.js';
import { claimsOfCommand, claimsOfVote } from '../../../strategy/run/signed.js';

const place = { installation: 'i', run: 'r', startedAt: '2026-01-01T00:00:00.000Z', planHash: 'p' };
const DECISION = 'approval:G';

function told(body: EventBody) {
  const event: RunEvent = { seq: 5, at: '2026-01-01T00:00:00.000Z', ...body };
  const [message] = signedMessages([event], 'r');
  if (message === undefined) throw new Error('nothing was signed');
  return message;
}

const cast = told({
  type: 'vote-cast',
  decision: DECISION,
  vote: {
    by: 'dan',
    role: 'Ops',
    escalatedTo: 'Head',
    onBehalfOf: 'hanna',
    option: 'approve',
    reason: null,
    at: '',
  },
  signed: 'jws',
});
const vote = { decision: DECISION, option: 'approve', by: 'dan' };

test('a vote for somebody else is the one that was signed, whether or not the signature names whom', () => {
  expect(
    differingClaim(claimsOfVote(place, { ...vote, role: 'Head', onBehalfOf: 'hanna' }), cast),
  ).toBeNull();
  expect(differingClaim(claimsOfVote(place, vote), cast)).toBeNull();
  expect(differingClaim(claimsOfVote(place, { ...vote, onBehalfOf: 'dora' }), cast)).toBe('for');
  expect(differingClaim(claimsOfVote(place, { ...vote, role: 'Ops' }), cast)).toBe('role');
});

test('a claim and its release are the ones that were signed', () => {
  const command = { by: 'dan', decision: DECISION };
  const taken = told({ type: 'decision-claimed', ...command, from: 'dora', reason: null, signed: 'jws' });
  expect(differingClaim(claimsOfCommand(place, { ...command, command: 'take-over' }), taken)).toBeNull();
  expect(differingClaim(claimsOfCommand(place, { ...command, command: 'claim' }), taken)).toBe('command');
  const released = told({ type: 'decision-released', ...command, reason: null, signed: 'jws' });
  expect(differingClaim(claimsOfCommand(place, { ...command, command: 'release' }), released)).toBeNull();
  const other = { by: 'dan', decision: 'approval:H', command: 'release' } as const;
  expect(differingClaim(claimsOfCommand(place, other), released)).toBe('decision');
});

test('a limit for rows is the one that was signed, its step and its rate', () => {
  const limit = { by: 'dan', step: 'COPY', ratePerSecond: 500 };
  const set = told({ type: 'throttled', ...limit, reason: null, signed: 'jws' });
  const claims = (over: object) => claimsOfCommand(place, { ...limit, ...over, command: 'throttle' });
  expect(differingClaim(claims({}), set)).toBeNull();
  expect(differingClaim(claims({ ratePerSecond: null }), set)).toBe('rate');
  expect(differingClaim(claims({ step: 'OTHER' }), set)).toBe('step');
});
