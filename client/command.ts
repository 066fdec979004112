/** What a person may demand of a run at any time: pause, resume, abort, rollback. */
import { type Command, UPDATES } from '../strategy/run/messages.js';
import type { Session } from './session.js';
import { type UpdateOptions, update } from './update.js';

/** Gives a command; returns once the run has taken it. @throws SluiceError, `refused` with the reason */
export function sendCommand(
  session: Session,
  run: string,
  wanted: Command,
  options?: UpdateOptions,
): Promise<void> {
  return update(session, run, UPDATES.command, wanted, options);
}
