/**
 * Cart service, version 2: applies a discount code, for users the flag `discount-enabled` is on for. For all others it
 * does what version 1 does and does not touch the new columns.
 *
 * With `badCart` in shop.json it is the faulty build of `npm run demo:failure`: it passes every smoke test, then
 * answers one request in four with 500 once it has served a few dozen.
 */
import pg from 'pg';
import { askJson } from './ask.mjs';
import { readConfig } from './config.mjs';
import { isOn, readFlags } from './flags.mjs';
import { databaseUrl, readShop, urlOf } from './home.mjs';
import { createCounters } from './metrics.mjs';
import { identify, serve } from './service.mjs';

const FAULT_STARTS_AFTER = 60;
const SETTINGS_ARE_FRESH_MS = 100;

const self = identify();
const { badCart } = readShop(self.home);
const discountService = urlOf(self.home, 'discount-service');
const counters = createCounters();
const pool = new pg.Pool({ connectionString: databaseUrl(self.home), max: 4 });
pool.on('error', (error) => console.error(`database: ${error.message}`));

let served = 0;
let settings = { read: 0, flags: {}, config: { discounts: { noted: false } } };

await serve(self, {
  version: 2,
  counters,
  end: () => pool.end(),
  async handle(request, url) {
    const user = /^\/cart\/(\d+)$/.exec(url.pathname)?.[1];
    if (request.method !== 'GET' || user === undefined)
      return { status: 404, body: { error: 'GET /cart/USER' } };
    served += 1;
    if (badCart && served > FAULT_STARTS_AFTER && served % 4 === 0) {
      counters.add('cart_errors_total', { version: 2 });
      return { status: 500, body: { error: 'out of connections (the fault that demo:failure injects)' } };
    }
    const { rows } = await pool.query('SELECT id, user_id, items, total FROM cart WHERE user_id = $1', [
      user,
    ]);
    if (rows.length === 0) return { status: 404, body: { error: `user ${user} has no cart` } };
    const cart = {
      id: rows[0].id,
      user: rows[0].user_id,
      items: rows[0].items,
      subtotal: Number(rows[0].total),
    };
    const code = url.searchParams.get('code');
    const discounted = code !== null && isOn(current().flags, 'discount-enabled', cart.user);
    counters.add('cart_requests_total', { version: 2, path: discounted ? 'discount' : 'plain' });
    const discount = discounted ? await discountFor(code, cart) : 0;
    const total = Math.round((cart.subtotal - discount) * 100) / 100;
    return {
      status: 200,
      body: { user: cart.user, items: cart.items, subtotal: cart.subtotal, discount, total, discounted },
    };
  },
});

/** What the discount service grants; noted in the cart's row if the settings say so. */
async function discountFor(code, cart) {
  const { discount } = await askJson(
    `${discountService}/validate?code=${encodeURIComponent(code)}&subtotal=${cart.subtotal}`,
  );
  if (!current().config.discounts.noted) return discount;
  await pool.query(
    `UPDATE cart SET discount_code = $2, discount_amount = $3
      WHERE id = $1 AND (discount_code, discount_amount) IS DISTINCT FROM ($2, $3::numeric)`,
    [cart.id, code, discount],
  );
  return discount;
}

function current() {
  if (Date.now() - settings.read > SETTINGS_ARE_FRESH_MS)
    settings = { read: Date.now(), flags: readFlags(self.home), config: readConfig(self.home) };
  return settings;
}
