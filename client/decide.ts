/** Voting on an open decision. */
import type { Ballot } from '../strategy/run/ballot.js';
import { UPDATES } from '../strategy/run/messages.js';
import type { Session } from './session.js';
import { type SignOptions, signedBallot } from './sign.js';
import { update } from './update.js';

/** Casts a vote; returns once it is recorded. @throws SluiceError, `refused` with the reason when it does not count */
export async function decide(
  session: Session,
  run: string,
  ballot: Ballot,
  { key, ...options }: SignOptions = {},
): Promise<void> {
  await update(session, run, UPDATES.decide, await signedBallot(session, run, ballot, key), options);
}
