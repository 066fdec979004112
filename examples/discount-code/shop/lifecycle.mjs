/** Opening and closing the shop. */
import { chmodSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { writeConfig } from './config.mjs';
import { writeFlag } from './flags.mjs';
import { databaseUrl, environmentOf, remove, urlOf, writeWhole } from './home.mjs';
import { running, start, stop, untilHealthy, untilTrue } from './processes.mjs';
import { configureProxy } from './proxy.mjs';

const NAMES = [
  'database',
  'cart-service-v1',
  'cart-service-v2',
  'discount-service',
  'nginx',
  'traffic-switch',
  'slack',
  'load',
  'collector',
];

/**
 * Opens the shop as it is before the migration: database, cart service v1, switch on blue, flag off, traffic running.
 * @param {string} home an empty folder
 * @param {{ badCart?: boolean, template?: string | null, owner?: number }} options `template`: this is one of many shops, which
 *   have less traffic, and begin with the database that the first of them keeps there; `owner`: the process with whose end
 *   everything ends
 * @returns the environment that commands acting on this shop need
 */
export async function openShop(home, { badCart = false, template = null, owner = process.pid } = {}) {
  mkdirSync(join(home, 'run'), { recursive: true });
  // Postgres may run as another user, who must be able to walk through.
  chmodSync(home, 0o711);
  const ports = await freePorts(NAMES);
  const nginx = configureProxy(home, ports);
  writeWhole(join(home, 'shop.json'), JSON.stringify({ ports, owner, badCart, template, nginx }, null, 2));
  writeWhole(join(home, 'address'), urlOf(home, 'load'));
  writeConfig(home);
  writeFlag(home, 'discount-enabled', { percentage: 0, users: 'all' });
  try {
    start(home, 'database');
    await untilTrue(
      () => answers(home),
      60_000,
      () =>
        `Postgres did not start; see ${join(home, 'log', 'database.log')}. After \`npm ci --ignore-scripts\`, run \`npm rebuild\`. Under root, the user "postgres" must be able to read node_modules.`,
    );
    start(home, 'cart-service-v1');
    await untilHealthy(home, 'cart-service-v1');
    if (nginx !== null) {
      start(home, 'nginx');
      await untilHealthy(home, 'nginx');
    }
    start(home, 'slack');
    start(home, 'traffic-switch');
    await untilHealthy(home, 'traffic-switch');
    start(home, 'load');
    start(home, 'collector');
    await untilHealthy(home, 'load');
    await untilHealthy(home, 'collector');
    await untilHealthy(home, 'slack');
  } catch (error) {
    await closeShop(home);
    throw error;
  }
  return environmentOf(home);
}

/** Ends every process of the shop, the traffic first and the database last. The folder stays. */
export async function closeShop(home) {
  const last = ['collector', 'traffic-switch', 'nginx', 'slack', 'database'];
  await stop(home, 'load');
  await Promise.all(
    running(home)
      .filter((name) => !last.includes(name))
      .map((name) => stop(home, name)),
  );
  for (const name of last) await stop(home, name);
  for (const name of ['address', 'shop.json']) remove(join(home, name));
}

/** True once the cart table is filled. */
async function answers(home) {
  const client = new pg.Client({ connectionString: databaseUrl(home) });
  try {
    await client.connect();
    return (await client.query('SELECT count(*)::int AS carts FROM cart')).rows[0].carts > 0;
  } catch {
    return false; // Not there yet; the caller has a deadline, and says where the log is.
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Below the ports that the system gives to outgoing connections, which would take one before its server listens. */
const FIRST_PORT = 20_000;
const BLOCKS = 1_200;
const PORTS_PER_BLOCK = 10;

/**
 * A free port for each name: a whole block, since a process that starts later, such as version 2, does not hold its port yet, and
 * only its neighbours tell that it is taken. Two processes that open a shop at once begin with different blocks.
 * @param {readonly string[]} names at most ten
 * @returns {Promise<Record<string, number>>}
 */
export async function freePorts(names) {
  for (let tries = 0; tries < BLOCKS; tries++) {
    const first = FIRST_PORT + ((process.pid + tries) % BLOCKS) * PORTS_PER_BLOCK;
    const ports = Array.from({ length: PORTS_PER_BLOCK }, (_, place) => first + place);
    const free = await Promise.all(ports.map(isFree));
    if (!free.includes(false)) return Object.fromEntries(names.map((name, place) => [name, ports[place]]));
  }
  throw new Error('No ten ports in a row are free from 20000 to 32000.');
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
