/** What came in the way of a try, and whether another one may help. */
import pg from 'pg';
import { causeOf, isBusy, isCancelled, serverMessage } from '../../sql/failure.js';
import { OtherDatabase } from '../../sql/identity.js';
import { ConnectionLost } from '../../sql/session.js';
import type { Target } from '../../sql/target.js';
import { StillRunning } from './progress.js';

export interface SqlErrorClass {
  /**
   * `lost`: the connection is gone, or the server. `busy`: others hold what is needed. `cancelled`: by us, or by somebody
   * on the server. `refused`: the server's last word, which another try would only hear again.
   */
  readonly kind: 'lost' | 'busy' | 'cancelled' | 'refused';
  /** For people; may hold secrets. */
  readonly why: string;
}

/** Null for any other error: our own. */
export function classifySqlError(error: unknown, target: Target, inJournal: boolean): SqlErrorClass | null {
  if (error instanceof ConnectionLost) {
    return { kind: 'lost', why: `The database ${target.name} could not be reached: ${error.message}` };
  }
  if (error instanceof OtherDatabase) return { kind: 'refused', why: error.message };
  if (error instanceof StillRunning) return { kind: 'busy', why: error.message };
  if (!(error instanceof pg.DatabaseError)) return null;
  if (isBusy(error)) return { kind: 'busy', why: `Others were in the way: ${serverMessage(error)}` };
  if (isCancelled(error)) return { kind: 'cancelled', why: 'A statement was cancelled' };
  return { kind: 'refused', why: causeOf(error, target, inJournal) };
}
