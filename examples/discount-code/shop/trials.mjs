/**
 * The checks that the strategy's scripts and datasets make, in a shop and a folder: each resolves with what it saw, or throws
 * why it failed.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, askJson } from './ask.mjs';
import { readFlags } from './flags.mjs';
import { databaseUrl, urlOf } from './home.mjs';
import { healthOf, untilHealthy } from './processes.mjs';

/** How many requests of live traffic a judgement about it needs. */
const ENOUGH_REQUESTS = 100;
const PATIENCE_MS = 20_000;

/** The named processes answer /health. */
export async function health({ home }, ...names) {
  for (const name of names) await untilHealthy(home, name, 10_000);
  return `healthy: ${names.join(', ')}`;
}

/** /metrics of a process can be read. */
export async function metrics({ home }, name) {
  const { status } = await ask(`${urlOf(home, name)}/metrics`);
  if (status !== 200) throw new Error(`${name}/metrics answered ${status}`);
  return `${name} shows its metrics`;
}

/** Twenty carts, asked of a process directly or through the switch, cost what the database says. */
export async function carts({ home }, name) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: databaseUrl(home) });
  await client.connect();
  try {
    const { rows } = await client.query(
      'SELECT user_id, total FROM cart WHERE user_id % 50 = 7 ORDER BY user_id',
    );
    if (rows.length !== 20) throw new Error(`20 carts expected, ${rows.length} found`);
    for (const { user_id: user, total } of rows) {
      const cart = await askJson(`${urlOf(home, name)}/cart/${user}`);
      if (cart.total !== Number(total))
        throw new Error(`the cart of user ${user} costs ${cart.total} instead of ${total}`);
    }
    return `${rows.length} carts of ${name} cost what the database says`;
  } finally {
    await client.end();
  }
}

/** The discount service grants what a file of cases says: `[{ code, subtotal, discount }]`. */
export async function discounts({ home, folder }, file) {
  const cases = JSON.parse(readFileSync(resolve(folder, file), 'utf8'));
  for (const { code, subtotal, discount } of cases) {
    const { discount: seen } = await askJson(
      `${urlOf(home, 'discount-service')}/validate?code=${code}&subtotal=${subtotal}`,
    );
    if (seen !== discount) throw new Error(`${code} takes ${seen} off ${subtotal}, not ${discount}`);
  }
  return `${cases.length} discounts are right`;
}

/** Of the requests from now on, this percentage gets a discount, give or take two; without one, the flag's. */
export async function share({ home }, percent) {
  const wanted = percent === undefined ? readFlags(home)['discount-enabled'].percentage : Number(percent);
  const { requests, discounted } = await watchTraffic(home);
  const seen = (100 * discounted) / requests;
  const text = `${seen.toFixed(1)}% of ${requests} requests got a discount`;
  if (!(Math.abs(seen - wanted) <= 2)) throw new Error(`${text}, not ${wanted}%`);
  return text;
}

/** From now on no request fails, and none costs something wrong. */
export async function calm({ home }) {
  const seen = await watchTraffic(home);
  const { requests, failures, calculation_errors: wrong } = seen;
  if (failures + wrong > 0)
    throw new Error(`of ${requests} requests ${failures} failed and ${wrong} had a wrong total`);
  return `${requests} requests without an error, ${(seen.milliseconds / requests).toFixed(0)} ms each`;
}

/** Requests take less than this on average from now on. */
export async function fast({ home }, milliseconds) {
  const { requests, milliseconds: spent } = await watchTraffic(home);
  const mean = spent / requests;
  if (mean > Number(milliseconds))
    throw new Error(`a request takes ${mean.toFixed(0)} ms, more than ${milliseconds} ms`);
  return `a request takes ${mean.toFixed(0)} ms`;
}

/** No request has failed since the shop opened. */
export async function uptime({ home }) {
  const { requests, failures, first_failures: first } = await stats(home);
  if (failures > 0) throw new Error(`${failures} of ${requests} requests have failed: ${first.join('; ')}`);
  return `none of ${requests} requests has failed`;
}

/** A flag stands at this percentage. */
export async function flag({ home }, name, percent) {
  const seen = readFlags(home)[name]?.percentage;
  if (seen !== Number(percent)) throw new Error(`${name} stands at ${seen}%, not ${percent}%`);
  return `${name} stands at ${seen}%`;
}

/** The switch sends the traffic to this side. */
export async function upstream({ home }, side) {
  const seen = (await askJson(`${urlOf(home, 'traffic-switch')}/-/upstream`)).upstream;
  if (seen !== side) throw new Error(`the traffic goes to ${seen}, not to ${side}`);
  return `the traffic goes to ${side}`;
}

/** A process does not run. */
export async function absent({ home }, name) {
  if ((await healthOf(home, name)) !== null) throw new Error(`${name} still runs`);
  return `${name} does not run`;
}

/** What the traffic of the next hundred requests or more adds to the load's statistics. */
async function watchTraffic(home) {
  // Requests under way were sent before this moment; so was what the services keep of the flags.
  await sleep(250);
  const before = await stats(home);
  const now = await stats(home, before.requests + ENOUGH_REQUESTS);
  return Object.fromEntries(Object.entries(now).map(([key, value]) => [key, value - before[key]]));
}

/** The load's statistics, once so many requests have been answered. */
async function stats(home, after = 0) {
  try {
    return await askJson(`${urlOf(home, 'load')}/stats?after=${after}`, { timeoutMs: PATIENCE_MS });
  } catch (error) {
    throw new Error(`there is too little traffic to judge: ${error.message}`);
  }
}
