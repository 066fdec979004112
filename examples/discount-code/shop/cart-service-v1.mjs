/** Cart service, version 1: what a cart costs. It names the columns it reads, so new ones do not disturb it. */
import pg from 'pg';
import { databaseUrl } from './home.mjs';
import { createCounters } from './metrics.mjs';
import { identify, serve } from './service.mjs';

const self = identify();
const counters = createCounters();
const pool = new pg.Pool({ connectionString: databaseUrl(self.home), max: 4 });
pool.on('error', (error) => console.error(`database: ${error.message}`));

await serve(self, {
  version: 1,
  counters,
  end: () => pool.end(),
  async handle(request, url) {
    const user = /^\/cart\/(\d+)$/.exec(url.pathname)?.[1];
    if (request.method !== 'GET' || user === undefined)
      return { status: 404, body: { error: 'GET /cart/USER' } };
    const { rows } = await pool.query('SELECT id, user_id, items, total FROM cart WHERE user_id = $1', [
      user,
    ]);
    counters.add('cart_requests_total', { version: 1, path: 'plain' });
    if (rows.length === 0) return { status: 404, body: { error: `user ${user} has no cart` } };
    const subtotal = Number(rows[0].total);
    return {
      status: 200,
      body: { user: rows[0].user_id, items: rows[0].items, subtotal, discount: 0, total: subtotal },
    };
  },
});
