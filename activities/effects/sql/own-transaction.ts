/**
 * A statement that Postgres refuses inside a transaction, such as CREATE INDEX CONCURRENTLY. It cannot commit together
 * with its journal row, so an intent is noted first, and done afterwards. An intent that is found without its `done`
 * was left by an attempt that nobody saw end: then the database itself is asked (see catalog-state.ts).
 */
import pg from 'pg';
import { point } from '../../fault-points.js';
import { type Answer, ConnectionLost, type Session } from '../../sql/session.js';
import { catalogStateOf, invalidIndexLeft, waitsWithoutBlocking } from './catalog-state.js';
import * as journal from './journal.js';
import { DONE, type Ending, StillRunning, type Try } from './progress.js';

/** How long clearing away what a failed statement left behind may take when the step's own time is up. */
const CLEARING_MS = 30_000;

/** Throws what the server or the connection answers; nothing was done then unless `progress.uncertain`. */
export async function runAlone(attempt: Try, statement: string): Promise<Ending> {
  const { session, entry, progress, lockTimeoutMs, settings } = attempt;
  // Held by the session that runs the statement: while a lost one still runs on the server, nobody else begins.
  const [lock] = (
    await session.query('select pg_try_advisory_lock(hashtextextended($1, 0))::text as held', [entry.key])
  ).rows;
  if (lock?.held !== 'true') throw new StillRunning('An earlier attempt at this statement still runs there');
  const found = await journal.find(session, entry.key);
  if (found?.state === 'done') return progress.already();
  if (found !== null) {
    const ending = await endingOfIntent(attempt, statement, found.attempt);
    if (ending !== null) return ending;
  }
  progress.uncertain = false;
  const refused = await journal.refusalOf(session, entry);
  if (refused !== null) return { outcome: 'failed', cause: refused };
  point('before-journal-row');
  if (found === null) await journal.enter(session, entry, 'intent');
  else await journal.takeOver(session, entry);
  point('after-journal-row');
  const left = progress.left();
  await limit(session, waitsWithoutBlocking(statement) ? 0 : lockTimeoutMs, left);
  progress.inJournal = false;
  progress.uncertain = true;
  point('before-commit');
  let answer: Answer;
  try {
    answer = await withSettings(session, settings, () => session.query(statement, [], left));
  } catch (error) {
    if (error instanceof pg.DatabaseError) await cleanUp(attempt, statement, error);
    throw error;
  }
  point('after-commit');
  const flaw = await withSettings(session, settings, () => invalidIndexLeft(session, statement));
  progress.inJournal = true;
  if (flaw !== null) {
    await journal.withdraw(session, entry);
    progress.uncertain = false;
    return { outcome: 'failed', cause: flaw };
  }
  await journal.markDone(session, entry);
  progress.uncertain = false;
  progress.print(answer);
  return DONE;
}

/** The outcome of an earlier attempt's intent; null when nothing of it is left, so the statement must run. */
async function endingOfIntent(
  { session, entry, progress, database, settings }: Try,
  statement: string,
  intended: number,
): Promise<Ending | null> {
  const left = progress.left();
  await limit(session, 0, left);
  const state = await withSettings(session, settings, () => catalogStateOf(session, statement, left));
  switch (state) {
    case 'applied':
      await journal.markDone(session, entry);
      return progress.already();
    case 'not-applied':
      return null;
    case 'unknown':
      // A later attempt exists only because somebody said that the one that left this intent did not happen.
      if (intended < entry.effect.attempt) return null;
      return {
        outcome: 'unknown',
        cause: `The statement was started in ${database}, but its result is unknown. Check what it was meant to change, then answer whether it happened.`,
      };
    default:
      return state satisfies never;
  }
}

/** The name is taken: nothing was created, and what has the name is not ours, perhaps not even finished. */
const DUPLICATE = '42P07';

/**
 * After an error of the server: removes what the statement left behind, then its intent. When that cannot be done, the
 * intent stays and the outcome is uncertain. Throws `ConnectionLost`, after which the next try clears up.
 */
async function cleanUp(
  { session, entry, progress, settings }: Try,
  statement: string,
  error: pg.DatabaseError,
): Promise<void> {
  const ms = Math.max(progress.left(), CLEARING_MS);
  try {
    await limit(session, 0, ms);
    const look = () => catalogStateOf(session, statement, ms);
    if (error.code !== DUPLICATE && (await withSettings(session, settings, look)) === 'applied') {
      progress.note('what the statement does is already done, and not by this step');
    }
    await journal.withdraw(session, entry);
    progress.uncertain = false;
  } catch (failure) {
    if (failure instanceof ConnectionLost || !(failure instanceof pg.DatabaseError)) throw failure;
    progress.note(`what the statement left behind could not be removed: ${failure.message}`);
  }
}

async function limit(session: Session, lockMs: number, statementMs: number): Promise<void> {
  await session.querySteadily(
    "select set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false)",
    [String(lockMs), String(statementMs)],
  );
}

/**
 * Does something with the settings that earlier parts made. They are reset afterwards, since the journal is
 * written with the rights of the connection's own role.
 */
async function withSettings<T>(
  session: Session,
  settings: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  if (settings.length === 0) return work();
  try {
    for (const setting of settings) await session.query(setting);
    return await work();
  } finally {
    await session.querySteadily('reset session authorization; reset role; reset all');
  }
}
