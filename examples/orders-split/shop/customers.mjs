/**
 * The customers: each places an order, looks at it, pays it, and lets it be shipped or cancels it, all the time. They also change the
 * orders that were there before. What the order service acknowledges goes into the ledger; what it shows must be what was
 * acknowledged last. A customer never tries again: an error is a failure.
 *
 *   GET  /stats     requests, writes, failures, wrong answers, the longest wait
 *   POST /-/stop    no new requests; answers when the last one has been answered
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { urlOf } from '../../discount-code/shop/home.mjs';
import { identify, serve } from '../../discount-code/shop/service.mjs';
import { ledgerFile } from './places.mjs';

const CUSTOMERS = 8;
const PAUSE_MS = 80;
/** Generous, since a busy machine is no failure. */
const PATIENCE_MS = 60_000;

const self = identify();
const service = urlOf(self.home, 'order-service');
const stats = {
  requests: 0,
  writes: 0,
  writes_in: { 'shop-db': 0, 'orders-db': 0 },
  failures: 0,
  wrong_answers: 0,
  wrong_in: { 'shop-db': 0, 'orders-db': 0 },
  longest_ms: 0,
  first_troubles: [],
};
let stopping = false;

await serve(self, {
  version: 1,
  async handle(request, url) {
    if (url.pathname === '/stats') return { status: 200, body: stats };
    if (url.pathname === '/-/stop' && request.method === 'POST') {
      stopping = true;
      await everybody;
      return { status: 200, body: stats };
    }
    return { status: 404, body: { error: 'GET /stats, POST /-/stop' } };
  },
});
const everybody = Promise.all(Array.from({ length: CUSTOMERS }, (_, number) => shopAround(number + 1)));

async function shopAround(customer) {
  for (let turn = 1; !stopping; turn += 1) {
    const ref = `C${customer}-${turn}`;
    const lines = [1, 2].slice(turn % 2).map((line) => ({
      article: `article ${(turn * 13 + line) % 97}`,
      cents: ((turn * 1031 + customer * 577 + line * 97) % 15_000) + 99,
    }));
    const cents = lines.reduce((sum, line) => sum + line.cents, 0);
    const note = turn % 3 === 0 ? null : `Turn ${turn} — “schnell”`;
    const placed = { customer, status: 'placed', cents, note, lines: textOf(lines) };
    await write(ref, 'PUT', `/orders/${ref}`, placed, { customer, note, lines });
    await look(ref, { status: 'placed', cents });
    await write(ref, 'PUT', `/orders/${ref}/paid`, { status: 'paid' });
    // One of the orders from before, each of them touched by one customer only.
    const before = `S${customer + CUSTOMERS * turn}`;
    await write(before, 'PUT', `/orders/${before}/shipped`, { status: 'shipped' });
    if (turn % 4 === 0) {
      await write(ref, 'DELETE', `/orders/${ref}`, null);
      await look(ref, null);
    } else {
      await write(ref, 'PUT', `/orders/${ref}/shipped`, { status: 'shipped' });
      await look(ref, { status: 'shipped', cents });
    }
  }
}

/** `becomes`: what this write makes of the order; null when it is gone. */
async function write(ref, method, path, becomes, body) {
  const answer = await ask(method, path, body);
  if (answer === null) return;
  stats.writes += 1;
  stats.writes_in[answer.database] += 1;
  // The line is there before the customer goes on, so whatever was acknowledged can be asked for.
  appendFileSync(
    ledgerFile(self.home),
    `${JSON.stringify({ ref, becomes, database: answer.database, at: new Date().toISOString() })}\n`,
  );
}

/** As `rowsOf` shows them. */
function textOf(lines) {
  return lines.map(({ article, cents }) => `${article}: ${(cents / 100).toFixed(2)}`).join(', ');
}

async function look(ref, expected) {
  const seen = await ask('GET', `/orders/${ref}`);
  if (seen === null) return;
  const right =
    expected === null
      ? seen.status === undefined
      : seen.status === expected.status && seen.cents === expected.cents && seen.lines === expected.cents;
  if (right) return;
  stats.wrong_answers += 1;
  stats.wrong_in[seen.database] += 1;
  note(`${ref} is shown as ${JSON.stringify(seen)} instead of ${JSON.stringify(expected)}`);
}

/** What the service answered, or null when it failed. */
async function ask(method, path, body) {
  if (stopping) return null;
  const began = performance.now();
  stats.requests += 1;
  try {
    const answer = await fetch(`${service}${path}`, {
      method,
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const seen = await answer.json();
    if (answer.ok || answer.status === 404) return seen;
    throw new Error(`${answer.status} ${seen.error}`);
  } catch (error) {
    stats.failures += 1;
    note(`${method} ${path}: ${error.cause?.message ?? error.message}`);
    return null;
  } finally {
    stats.longest_ms = Math.max(stats.longest_ms, Math.round(performance.now() - began));
    await sleep(PAUSE_MS);
  }
}

function note(trouble) {
  console.error(trouble);
  if (stats.first_troubles.length < 3) stats.first_troubles.push(trouble);
}
