/**
 * The order service: takes, changes and shows orders, over HTTP, in one of the two databases. In `shop-db` it uses the old shape
 * (`total`), in `orders-db` the new one (`cents`).
 *
 *   GET    /orders/REF           an order
 *   PUT    /orders/REF           place it: { customer, note, lines: [{ article, cents }] }
 *   PUT    /orders/REF/STATUS    paid, shipped
 *   DELETE /orders/REF           cancel it
 *   PUT    /-/database/NAME      from now on use this database
 *   PUT    /-/pause              hold every request from now on; answers when those under way have ended
 *   PUT    /-/resume             go on with them
 *
 * No request fails because the database moves. While a database refuses writes, the service tries again, in the database that
 * counts by then. Every write may be repeated: it names its order, and says what it becomes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { readIfThere, readShop, writeWhole } from '../../discount-code/shop/home.mjs';
import { identify, serve } from '../../discount-code/shop/service.mjs';
import { newShape, oldShape } from './orders.mjs';
import { choiceFile, databaseUrl } from './places.mjs';

const PATIENCE_MS = 30_000;
const RETRY_MS = 25;

const self = identify();
const { faulty } = readShop(self.home);
const pools = Object.fromEntries(
  ['shop-db', 'orders-db'].map((name) => {
    const pool = new pg.Pool({ connectionString: databaseUrl(self.home, name), max: 8 });
    // An idle connection that the server ends is no error of anybody's.
    pool.on('error', (error) => console.log(`${name}: ${error.message}`));
    return [name, pool];
  }),
);
const shapes = { 'shop-db': oldShape, 'orders-db': newShape({ faulty }) };
const counts = { retries: 0, under_way: 0 };
let held = null;
let current = JSON.parse(readIfThere(choiceFile(self.home)) ?? '{"database":"shop-db"}').database;

await serve(self, {
  version: 1,
  handle,
  end: async () => void (await Promise.all(Object.values(pools).map((pool) => pool.end()))),
});

async function handle(request, url) {
  const [place, ref, status] = url.pathname.slice(1).split('/').map(decodeURIComponent);
  if (place === 'stats') return { status: 200, body: { database: current, ...counts } };
  if (place === '-' && request.method === 'PUT') return command(ref, status);
  if (place !== 'orders' || ref === undefined) return { status: 404, body: { error: 'GET /orders/REF' } };
  switch (request.method) {
    case 'GET': {
      const { database, result } = await persistently((client, shape) => shape.read(client, ref));
      return result === null
        ? { status: 404, body: { database } }
        : { status: 200, body: { database, ...result } };
    }
    case 'PUT': {
      const order = status === undefined ? await bodyOf(request) : null;
      const { database } = await persistently((client, shape) =>
        order === null ? shape.change(client, ref, status) : shape.place(client, ref, order),
      );
      return { status: 200, body: { database } };
    }
    case 'DELETE': {
      const { database } = await persistently((client, shape) => shape.cancel(client, ref));
      return { status: 200, body: { database } };
    }
    default:
      return { status: 405, body: { error: 'GET, PUT, DELETE' } };
  }
}

async function command(name, argument) {
  switch (name) {
    case 'database':
      if (!Object.hasOwn(pools, argument)) {
        return { status: 400, body: { error: `${argument} is none of ${Object.keys(pools).join(', ')}` } };
      }
      writeWhole(choiceFile(self.home), JSON.stringify({ database: argument }));
      current = argument;
      return { status: 200, body: { database: current } };
    case 'pause':
      held ??= latch();
      while (counts.under_way > 0) await sleep(5);
      return { status: 200, body: { held: true } };
    case 'resume':
      held?.open();
      held = null;
      return { status: 200, body: { held: false } };
    default:
      return { status: 404, body: { error: 'PUT /-/database/NAME, /-/pause, /-/resume' } };
  }
}

/** Carries the work out in one transaction of the database that counts, again and again until it is committed. */
async function persistently(work) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    await held?.opened;
    const database = current;
    counts.under_way += 1;
    try {
      return {
        database,
        result: await inTransaction(pools[database], (client) => work(client, shapes[database])),
      };
    } catch (error) {
      if (!passes(error) || Date.now() > deadline) throw error;
      counts.retries += 1;
    } finally {
      counts.under_way -= 1;
    }
    await sleep(RETRY_MS);
  }
}

async function inTransaction(pool, work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    // Not used again: whatever state it is in ends with it.
    client.release(true);
    throw error;
  }
}

function latch() {
  let open = () => undefined;
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** True for what a move of the database causes: it refuses writes for now (25006), holds a lock, or ended the connection. */
function passes({ code }) {
  const isFromPostgres = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
  return !isFromPostgres || ['25006', '55P03', '40001', '40P01'].includes(code) || /^(?:08|57)/.test(code);
}

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}
