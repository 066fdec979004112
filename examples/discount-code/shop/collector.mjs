/**
 * Stands in for Prometheus: scrapes /metrics of every service twice a second and answers `/api/v1/query` in
 * Prometheus's own JSON, for the name of a counter (summed over its series) or of a recording rule below.
 * Without samples the result is empty, as it would be there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './ask.mjs';
import { readShop } from './home.mjs';
import { sumsOf } from './metrics.mjs';
import { identify, serve } from './service.mjs';

const SCRAPE_EVERY_MS = 500;
/** How far back the rules look, in scrapes. */
const WINDOW = 6;

/** Recording rules: the increase of one counter over the increase of another, within the window. */
const RULES = {
  'shop:error_rate:ratio': ['switch_errors_total', 'switch_requests_total'],
  'shop:discount_share:ratio': ['load_discounted_total', 'load_requests_total'],
  'shop:calculation_accuracy:ratio': ['load_right_total', 'load_requests_total'],
  // Per request and not per validation: while nobody has a discount yet, this is 0 and not unknown.
  'shop:discount_error_rate:ratio': ['discount_validation_errors_total', 'load_requests_total'],
};

const self = identify('collector');
const { ports } = readShop(self.home);
/** Who counts something. */
const TARGETS = ['cart-service-v1', 'cart-service-v2', 'discount-service', 'traffic-switch', 'load'];
/** Counters, summed; the oldest scrape first. */
const scrapes = [];

await serve(self, {
  version: 1,
  async handle(_request, url) {
    if (url.pathname !== '/api/v1/query')
      return { status: 404, body: { status: 'error', error: 'only /api/v1/query' } };
    const value = latestOf(url.searchParams.get('query') ?? '');
    const result = value === null ? [] : [{ metric: {}, value: [Date.now() / 1000, String(value)] }];
    return { status: 200, body: { status: 'success', data: { resultType: 'vector', result } } };
  },
});

void scrapeOn();

async function scrapeOn() {
  for (;;) {
    scrapes.push(await scrapeAll());
    if (scrapes.length > WINDOW) scrapes.shift();
    await sleep(SCRAPE_EVERY_MS);
  }
}

function latestOf(query) {
  const latest = scrapes.at(-1);
  if (latest === undefined) return null;
  if (!Object.hasOwn(RULES, query)) return latest.get(query) ?? null;
  const [part, whole] = RULES[query];
  const total = increase(whole);
  return total > 0 ? increase(part) / total : null;
}

/** A counter that was not there yet stood at 0; one that fell belongs to a process that was started anew. */
function increase(name) {
  const first = scrapes[0]?.get(name) ?? 0;
  const last = scrapes.at(-1)?.get(name) ?? 0;
  return last >= first ? last - first : last;
}

async function scrapeAll() {
  const sums = new Map();
  for (const text of await Promise.all(TARGETS.map(scrape))) {
    for (const [name, value] of sumsOf(text)) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  const requests = sums.get('load_requests_total');
  if (requests !== undefined) {
    sums.set('load_right_total', requests - (sums.get('load_calculation_errors_total') ?? 0));
  }
  return sums;
}

async function scrape(name) {
  try {
    return (await ask(`http://127.0.0.1:${ports[name]}/metrics`)).body;
  } catch {
    return ''; // Not deployed.
  }
}
