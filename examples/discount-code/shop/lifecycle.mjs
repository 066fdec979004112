/** Opening and closing the shop. */
import { chmodSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { writeConfig } from './config.mjs';
import { writeFlag } from './flags.mjs';
import { environmentOf, remove, urlOf, writeWhole } from './home.mjs';
import { deployed, ENVIRONMENT, endOfLog, healthOf, pidOf, start, stop, untilTrue } from './processes.mjs';
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
  ENVIRONMENT,
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
  writeWhole(join(home, 'address'), urlOf(home, ENVIRONMENT));
  writeConfig(home);
  writeFlag(home, 'discount-enabled', { percentage: 0, users: 'all' });
  try {
    start(home, ENVIRONMENT);
    await untilTrue(
      async () => (await healthOf(home, ENVIRONMENT)) !== null || pidOf(home, ENVIRONMENT) === null,
      90_000,
      () => `The shop is not open after 90 s. The end of its log:\n${endOfLog(home, ENVIRONMENT)}`,
    );
    if (pidOf(home, ENVIRONMENT) === null)
      throw new Error(
        `The shop did not open. After \`npm ci --ignore-scripts\`, run \`npm rebuild\`. Under root, the user "postgres" must be able to read node_modules. The end of its log:\n${endOfLog(home, ENVIRONMENT)}`,
      );
  } catch (error) {
    await closeShop(home);
    throw error;
  }
  return environmentOf(home);
}

/** Ends every process of the shop, the customers first and the database last. The folder stays. */
export async function closeShop(home) {
  await stop(home, ENVIRONMENT);
  // Only where the environment did not end by itself.
  for (const name of deployed(home)) await stop(home, name);
  for (const name of ['address', 'shop.json']) remove(join(home, name));
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
