/** What a person may demand of a run at any time: pause, resume, abort, rollback. */
import { type Command, UPDATES } from '../strategy/run/messages.js';
import type { Session } from './session.js';
import { type SignOptions, signedCommand } from './sign.js';
import { update } from './update.js';

/** Gives a command; returns once the run has taken it. @throws SluiceError, `refused` with the reason */
export async function sendCommand(
  session: Session,
  run: string,
  wanted: Command,
  { key, ...options }: SignOptions = {},
): Promise<void> {
  await update(session, run, UPDATES.command, await signedCommand(session, run, wanted, key), options);
}
