import pg from 'pg';
import { databaseUrl } from './home.mjs';

/** One line per row of an answer, a column each. */
export function linesOf({ rows }) {
  return rows.map((row) => Object.values(row).join('|'));
}

/** What one question to the shop's database comes to. It cannot write. */
export async function query(home, text) {
  const client = new pg.Client({ connectionString: databaseUrl(home) });
  await client.connect();
  try {
    await client.query('BEGIN READ ONLY');
    return linesOf(await client.query(text)).join('\n');
  } finally {
    await client.end();
  }
}
