/** Statements that commit together with their journal row: the row is there exactly when they took effect. */
import pg from 'pg';
import { interruption } from '../../attempt.js';
import { point } from '../../fault-points.js';
import { type Answer, ConnectionLost } from '../../sql/session.js';
import * as journal from './journal.js';
import { DONE, type Ending, type Try } from './progress.js';

/** A transaction that its worker has forgotten (frozen, or cut off) is ended by the server after this long. */
const IDLE_MS = 15_000;

/** Throws what the server or the connection answers; nothing was done then unless `progress.uncertain`. */
export async function runTogether(attempt: Try, statements: readonly string[]): Promise<Ending> {
  const { session, entry, progress, lockTimeoutMs, database, settings } = attempt;
  const left = progress.left();
  await session.query('begin');
  await session.query(
    `select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),
  set_config('idle_in_transaction_session_timeout', $3, true), set_config('sluice.run', $4, true)`,
    [String(lockTimeoutMs), String(left), String(IDLE_MS), `${entry.run}/${entry.execution}`],
  );
  point('before-journal-row');
  const entered = await journal.enter(session, entry, 'done');
  progress.uncertain = false;
  if (!entered) return progress.already();
  const refused = await journal.refusalOf(session, entry);
  if (refused !== null) return { outcome: 'failed', cause: refused };
  point('after-journal-row');
  progress.inJournal = false;
  for (const setting of settings) await session.query(setting, [], left);
  for (const statement of statements) progress.print(await session.query(statement, [], left));
  if (interruption() !== null) {
    await session.querySteadily('rollback');
    throw new ConnectionLost('interrupted');
  }
  point('before-commit');
  progress.uncertain = true;
  const { command } = await commit(attempt);
  progress.uncertain = false;
  point('after-commit');
  // A COMMIT of a transaction in an error state answers ROLLBACK.
  return command === 'COMMIT'
    ? DONE
    : { outcome: 'failed', cause: `The database ${database} rolled the transaction back.` };
}

/** Deferred constraints are checked here: an error of the server means that nothing was committed. */
async function commit({ session, progress }: Try): Promise<Answer> {
  try {
    return await session.querySteadily('commit');
  } catch (error) {
    if (error instanceof pg.DatabaseError) progress.uncertain = false;
    throw error;
  }
}
