/** Never two comparisons of one table at a time, in whatever process: each holds an advisory lock of the target. */
import type { ComparedTable } from '../../strategy/plan.js';
import { interruption, pause } from '../attempt.js';
import { quotedTable } from '../effects/rows/table.js';
import { Refusal } from '../refusal.js';
import type { Session } from '../sql/session.js';

const BETWEEN_TRIES_MS = 500;

/**
 * Waits for its turn at each table, then does the work. Null when it was interrupted.
 * @throws Refusal when it is not its turn within `limitMs`
 */
export async function oneAtATime<T>(
  session: Session,
  tables: readonly ComparedTable[],
  limitMs: number,
  work: () => Promise<T>,
): Promise<T | null> {
  // In one order everywhere, so that two cannot wait for each other.
  const names = [...new Set(tables.map(({ target }) => quotedTable(target)))].toSorted();
  const deadline = Date.now() + limitMs;
  const held: string[] = [];
  try {
    for (const name of names) {
      if (!(await taken(session, name, deadline))) return null;
      held.push(name);
    }
    return await work();
  } finally {
    // A connection that is lost has given its locks back.
    await session.query('rollback').catch(() => undefined);
    for (const name of held) {
      await session.query(`select pg_advisory_unlock(${KEY})`, [name]).catch(() => undefined);
    }
  }
}

const KEY = "hashtextextended('sluice.reconcile ' || $1::text, 0)";

/** False when it was interrupted. */
async function taken(session: Session, name: string, deadline: number): Promise<boolean> {
  for (;;) {
    if (interruption() !== null) return false;
    const query = `select pg_try_advisory_lock(${KEY})::text as taken`;
    if ((await session.query(query, [name])).rows[0]?.taken === 'true') return true;
    if (Date.now() >= deadline)
      throw new Refusal(`Another comparison of ${name} is under way. Try again after it.`);
    await pause(BETWEEN_TRIES_MS);
  }
}
