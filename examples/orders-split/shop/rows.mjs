/** Reading the orders of a database, in a form that two databases of different shapes can be compared by. */
import pg from 'pg';
import { databaseUrl } from './places.mjs';

export async function withDatabase(home, name, work) {
  const client = new pg.Client({ connectionString: databaseUrl(home, name) });
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Every order: all that a customer said of it, with its lines. When it was placed is left out, since the database says that.
 * @param {'total' | 'cents'} shape how this database keeps the amount
 */
export async function rowsOf(client, shape) {
  const cents = shape === 'total' ? 'total * 100' : 'cents';
  const { rows } = await client.query(`
    SELECT ref, customer_id::integer AS customer, status::text, (${cents})::integer AS cents, note,
           (SELECT string_agg(article || ': ' || price, ', ' ORDER BY line) FROM order_lines WHERE order_id = orders.id) AS lines
      FROM orders ORDER BY ref`);
  return rows;
}
