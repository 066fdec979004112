/**
 * Live traffic: customers look at their carts, with a discount code in hand, through the switch. A fixed number of
 * requests a second, a bounded number at a time; it ends with the shop.
 *
 * Users come in a fixed order in which any 100 in a row fall into 100 different buckets, so the share of requests with
 * a discount equals the flag's percentage over any such 100.
 *
 * One of many shops has a twentieth of that, so that several fit on one machine, and five times as much while somebody waits for a
 * number of requests (`/stats?after=N`).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { askJson } from './ask.mjs';
import { readShop, urlOf } from './home.mjs';
import { createCounters } from './metrics.mjs';
import { atEnd, identify, serve } from './service.mjs';

const REQUESTS_PER_SECOND = 80;
const AT_A_TIME = 16;
const USERS = 1000;
const CODE = 'SAVE10';

const self = identify('load');
const { template } = readShop(self.home);
const shop = urlOf(self.home, 'traffic-switch');
const counters = createCounters();
const stats = {
  requests: 0,
  failures: 0,
  discounted: 0,
  calculation_errors: 0,
  milliseconds: 0,
  first_failures: [],
};
let underWay = 0;
let turn = 0;
/** Each waits until so many requests have been answered. */
const waiting = new Map();
let next;
let closing = false;

await serve(self, {
  version: 1,
  counters,
  async handle(_request, url) {
    if (url.pathname === '/stats') {
      await answered(Number(url.searchParams.get('after') ?? 0));
      return { status: 200, body: stats };
    }
    // An alarm that can be asked over HTTP: 200 when it rings.
    const wrong = stats.calculation_errors;
    if (url.pathname === '/alarms/wrong-totals' && wrong > 0) return { status: 200, body: { wrong } };
    return { status: 404, body: { error: 'GET /stats, /alarms/wrong-totals (404: quiet)' } };
  },
});
// Shows up in /metrics from the start: nothing counted is not the same as nothing known.
for (const name of ['requests', 'failures', 'discounted', 'calculation_errors'])
  counters.add(`load_${name}_total`, {}, 0);

atEnd(self, async () => {
  closing = true;
  clearTimeout(next);
  while (underWay > 0) await sleep(20);
});
shopOn();

/** One customer now, and the next in a while. */
function shopOn() {
  if (closing) return;
  clearTimeout(next);
  const share = template === null ? 1 : waiting.size > 0 ? 5 : 0.05;
  next = setTimeout(shopOn, 1000 / (REQUESTS_PER_SECOND * share));
  if (underWay >= AT_A_TIME) return;
  turn += 1;
  const user = ((turn * 37) % USERS) + 1;
  underWay += 1;
  look(user).finally(() => {
    underWay -= 1;
  });
}

async function answered(requests) {
  if (stats.requests >= requests) return;
  const enough = new Promise((resolve) => waiting.set(resolve, requests));
  setImmediate(shopOn);
  await enough;
}

async function look(user) {
  const began = performance.now();
  const seen = await lookAtCart(user);
  stats.milliseconds += performance.now() - began;
  count('requests');
  for (const [resolve, requests] of waiting)
    if (stats.requests >= requests && waiting.delete(resolve)) resolve();
  if (seen === null) return count('failures');
  if (seen.discounted) count('discounted');
  const expected = seen.discounted ? Math.round(seen.subtotal * 10) / 100 : 0;
  const right =
    seen.user === user && near(seen.discount, expected) && near(seen.total, seen.subtotal - expected);
  if (!right) count('calculation_errors');
}

/** What the customer sees, or null when it is an error. */
async function lookAtCart(user) {
  try {
    return await askJson(`${shop}/cart/${user}?code=${CODE}`);
  } catch (error) {
    note(`user ${user}: ${error.message}`);
    return null;
  }
}

/** Keeps the first few failures for whoever asks, and all of them in the log. */
function note(failure) {
  console.error(failure);
  if (stats.first_failures.length < 5) stats.first_failures.push(failure);
}

function count(what) {
  stats[what] += 1;
  counters.add(`load_${what}_total`);
}

/** The services round half a cent in their own order of steps; a cent is the smallest coin. */
function near(a, b) {
  return Math.abs(a - b) < 0.011;
}
