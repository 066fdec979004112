/** What of both databases a migration may change, besides the rows, in a form that two moments can be compared by. */
import { readFileSync } from 'node:fs';
import { choiceFile } from './places.mjs';
import { withDatabase } from './rows.mjs';

export async function snapshot(home) {
  return {
    'shop-db': await withDatabase(home, 'shop-db', shapeOf),
    'orders-db': await withDatabase(home, 'orders-db', shapeOf),
    'order service': `uses ${JSON.parse(readFileSync(choiceFile(home), 'utf8')).database}`,
  };
}

/** The lines of a snapshot that two databases are connected by. */
export function replicationIn(seen) {
  return Object.entries(seen).flatMap(([where, lines]) =>
    [lines]
      .flat()
      .filter((line) => /^(?:publication|subscription|replication|trigger) /.test(line))
      .map((line) => `${where}: ${line}`),
  );
}

/** Tables with their columns, what is attached to them, and everything of replication. The schema `sluice` is its journal. */
async function shapeOf(client) {
  const { rows } = await client.query(`
    SELECT 'table ' || c.relname || ': ' || string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) AS line
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' GROUP BY c.relname
    UNION ALL SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint ' || conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    UNION ALL SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'type ' || typname FROM pg_type WHERE typtype = 'e'
    UNION ALL SELECT 'publication ' || pubname FROM pg_publication
    UNION ALL SELECT 'subscription ' || subname FROM pg_subscription
    UNION ALL SELECT 'replication slot ' || slot_name FROM pg_replication_slots
    UNION ALL SELECT 'replica identity of ' || relname || ' ' || relreplident::text FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relreplident <> 'd'
    ORDER BY 1`);
  return rows.map(({ line }) => line);
}
