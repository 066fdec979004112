/** Voting on an open decision. */
import type { Ballot } from '../strategy/run/ballot.js';
import { UPDATES } from '../strategy/run/messages.js';
import type { Session } from './session.js';
import { type UpdateOptions, update } from './update.js';

/** Casts a vote; returns once it is recorded. @throws SluiceError, `refused` with the reason when it does not count */
export function decide(
  session: Session,
  run: string,
  ballot: Ballot,
  options?: UpdateOptions,
): Promise<void> {
  return update(session, run, UPDATES.decide, ballot, options);
}
