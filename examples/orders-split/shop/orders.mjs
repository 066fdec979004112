/**
 * What the order service does with an order, in one transaction of a database: place, change, cancel, read. Amounts are cents
 * outside; how a database keeps them is its shape. Each write may be repeated without harm.
 */

/** `total` is an amount with two decimals. */
export const oldShape = shape({
  column: 'total',
  written: '$4::numeric / 100',
  cents: '(total * 100)::integer',
});

/**
 * `cents` is a whole number.
 * @param {{ faulty: boolean }} options `faulty`: shows the amounts of larger orders without their cents
 */
export function newShape({ faulty }) {
  const cents = faulty ? 'CASE WHEN cents < 10000 THEN cents ELSE cents / 100 * 100 END' : 'cents';
  return shape({ column: 'cents', written: '$4::bigint', cents: `(${cents})::integer` });
}

function shape({ column, written, cents }) {
  return {
    async place(client, ref, { customer, note, lines }) {
      const total = lines.reduce((sum, line) => sum + line.cents, 0);
      const { rows } = await client.query(
        `INSERT INTO orders (ref, customer_id, note, status, ${column}) VALUES ($1, $2, $3, 'placed', ${written})
         ON CONFLICT (ref) DO NOTHING RETURNING id`,
        [ref, customer, note, total],
      );
      // There already: the first try was committed, and its answer lost.
      if (rows.length === 0) return;
      for (const [index, line] of lines.entries()) {
        await client.query(
          'INSERT INTO order_lines (order_id, line, article, price) VALUES ($1, $2, $3, $4::numeric / 100)',
          [rows[0].id, index + 1, line.article, line.cents],
        );
      }
    },

    async change(client, ref, status) {
      const { rowCount } = await client.query('UPDATE orders SET status = $2 WHERE ref = $1', [ref, status]);
      if (rowCount !== 1) throw new Error(`there is no order ${ref}`);
    },

    async cancel(client, ref) {
      await client.query('DELETE FROM order_lines USING orders WHERE order_id = orders.id AND ref = $1', [
        ref,
      ]);
      await client.query('DELETE FROM orders WHERE ref = $1', [ref]);
    },

    async read(client, ref) {
      const { rows } = await client.query(
        `SELECT id::integer, ref, status::text, ${cents} AS cents,
                (SELECT coalesce(sum(price * 100), 0)::integer FROM order_lines WHERE order_id = orders.id) AS lines
           FROM orders WHERE ref = $1`,
        [ref],
      );
      return rows[0] ?? null;
    },
  };
}
