/** Holds the next batch back while the database that is written has enough to do, as `x-throttle` of the item says. */
import type { Throttle } from '../../../strategy/plan.js';
import { printByteSize } from '../../../strategy/sentence/byte-size.js';
import { interruption, pause } from '../../attempt.js';
import { Refusal } from '../../refusal.js';
import type { Session } from '../../sql/session.js';
import type { Pace } from './pace.js';

/** Between two looks, in milliseconds. */
const EVERY_MS = 1_000;
/** What the item's own query may take, in milliseconds. */
const QUERY_MS = 10_000;

/**
 * Replicas and subscribers that are connected. One that only receives WAL says how much it has received. Whoever may not see them sees
 * rows without a state.
 */
const LAG = `select coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(replay_lsn, flush_lsn, write_lsn))), 0)::text as behind,
  count(*) filter (where state is null)::text as hidden
from pg_stat_replication where state is null or state in ('streaming', 'catchup')`;

/**
 * Returns when the database is calm, the activity is interrupted, or no further batch may begin.
 * @throws Refusal when nobody can say whether it is calm; what the server answers
 */
export async function untilCalm(
  session: Session,
  throttle: Throttle,
  pace: Pace,
  mustEnd: () => boolean,
): Promise<void> {
  for (;;) {
    const why = await reasonToWait(session, throttle);
    pace.held = why;
    if (why === null || interruption() !== null || mustEnd()) return;
    await pause(EVERY_MS);
  }
}

async function reasonToWait(session: Session, { replicaLagBytes, busy }: Throttle): Promise<string | null> {
  const behind = replicaLagBytes === null ? 0 : await lagOf(session);
  if (replicaLagBytes !== null && behind > replicaLagBytes) {
    return `a replica has ${printByteSize(behind)} of WAL yet to replay`;
  }
  return busy !== null && (await isBusy(session, busy)) ? 'the database is busy' : null;
}

async function lagOf(session: Session): Promise<number> {
  const [row] = (await session.query(LAG)).rows;
  if (row?.hidden !== '0') {
    throw new Refusal(
      'x-throttle.replicaLag: this user may not see how far the replicas are. Grant it pg_monitor.',
    );
  }
  return Number(row.behind);
}

/** In a transaction of its own that cannot write. */
async function isBusy(session: Session, query: string): Promise<boolean> {
  await session.query('begin read only');
  try {
    await session.query("select set_config('statement_timeout', $1, true)", [String(QUERY_MS)]);
    const [row = {}] = (await session.query(`select (${query}\n) as value`, [], QUERY_MS)).rows;
    if (row.value === 't' || row.value === 'f') return row.value === 't';
    throw new Refusal('x-throttle.busy must answer true or false.');
  } finally {
    // A connection that is gone reports itself at the next query.
    await session.querySteadily('rollback').catch(() => undefined);
  }
}
