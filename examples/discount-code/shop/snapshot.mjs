/** What of the shop a migration may change, in a form that two moments can be compared by. */

import pg from 'pg';
import { readConfig } from './config.mjs';
import { readFlags } from './flags.mjs';
import { databaseUrl } from './home.mjs';
import { pidOf, running } from './processes.mjs';
import { position } from './proxy.mjs';

/**
 * Schema of the cart table, its rows (the columns from before the migration, which nobody may change), processes with
 * their pids (a process that was restarted is not what it was), where the traffic goes, the settings, and the flags.
 */
export async function snapshot(home) {
  const client = new pg.Client({ connectionString: databaseUrl(home) });
  await client.connect();
  try {
    const schema = await client.query(
      `SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END AS line
         FROM pg_attribute a WHERE a.attrelid = 'cart'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attname`,
    );
    const data = await client.query(
      `SELECT count(*)::int AS rows, md5(string_agg(concat_ws('|', id, user_id, items, total, updated_at AT TIME ZONE 'UTC'), E'\\n' ORDER BY id)) AS checksum FROM cart`,
    );
    return {
      schema: schema.rows.map((row) => row.line),
      data: `${data.rows[0].rows} rows, checksum ${data.rows[0].checksum}`,
      processes: running(home).map((name) => `${name} (pid ${pidOf(home, name)})`),
      traffic: position(home),
      config: `codes are ${readConfig(home).discounts.noted ? '' : 'not '}noted in the carts`,
      flags: Object.entries(readFlags(home)).map(
        ([name, flag]) => `${name} ${flag.percentage}% of ${flag.users}`,
      ),
    };
  } finally {
    await client.end();
  }
}
