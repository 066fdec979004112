/**
 * Slots of an initial copy that nobody reads any more. DROP SUBSCRIPTION leaves them on the publisher without a word when it cannot reach
 * it, and they hold back WAL for ever. Postgres names them `pg_SUBSCRIPTION_sync_TABLE_SYSTEM`, by what the subscriber calls these.
 */
import type { TableName } from '../../../strategy/plan.js';
import { pause } from '../../attempt.js';
import type { Session } from '../../sql/session.js';
import { quotedTable } from '../rows/table.js';

/** Drops those of subscriptions of these tables that do not exist any more. */
export async function dropSyncSlots(
  publisher: Session,
  subscriber: Session,
  tables: readonly TableName[],
): Promise<void> {
  const [row] = (
    await subscriber.query(
      `select (select system_identifier::text from pg_control_system()) as system,
  (select string_agg(oid::text, '|') from unnest($1::text[]) t(name) join pg_class on oid = to_regclass(name)) as tables,
  (select coalesce(string_agg(oid::text, '|'), 'none') from pg_subscription) as live`,
      [tables.map(quotedTable)],
    )
  ).rows;
  if (row?.tables == null) return;
  const patterns = [`^pg_\\d+_sync_(${row.tables})_${row.system ?? ''}$`, `^pg_(${row.live ?? ''})_sync_`];
  // The reader of one may end a moment after its subscription.
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { rows } = await publisher.query(
      `select slot_name::text as name, (active_pid is null)::text as free from pg_replication_slots
where database = current_database() and slot_name ~ $1 and slot_name !~ $2`,
      patterns,
    );
    if (rows.length === 0) return;
    for (const { name } of rows.filter(({ free }) => free === 'true'))
      await publisher.query('select pg_drop_replication_slot($1)', [name]);
    await pause(100);
  }
}

const MOST_TRIES = 50;
