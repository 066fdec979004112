/** What a person may demand of a run at any time: pause, resume, abort, rollback. */
import { type Order, UPDATES } from '../strategy/run/messages.js';
import type { Session } from './session.js';
import { type UpdateOptions, update } from './update.js';

/** Gives an order; returns once the run has taken it. @throws SluiceError, `refused` with the reason */
export function order(session: Session, run: string, wanted: Order, options?: UpdateOptions): Promise<void> {
  return update(session, run, UPDATES.order, wanted, options);
}
