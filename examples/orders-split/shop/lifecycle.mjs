/** Opening and closing the shop. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { remove, writeWhole } from '../../discount-code/shop/home.mjs';
import { freePorts } from '../../discount-code/shop/ports.mjs';
import { start, stop, untilHealthy, untilTrue } from '../../discount-code/shop/processes.mjs';
import { choiceFile, environmentOf, seedsFile } from './places.mjs';
import { rowsOf, withDatabase } from './rows.mjs';

const PROGRAMS = {
  'shop-db': 'database',
  'orders-db': 'database',
  'order-service': 'order-service',
  customers: 'customers',
};
const NAMES = Object.keys(PROGRAMS);
const here = new URL('.', import.meta.url);

/**
 * Opens the shop as it is before the migration: all orders in `shop-db`, an empty `orders-db`, customers at work.
 * @param {string} home an empty folder
 * @param {{ faulty?: boolean, owner?: number }} options `owner`: the process with whose end everything ends
 * @returns the environment that commands acting on this shop need
 */
export async function openShop(home, { faulty = false, owner = process.pid } = {}) {
  mkdirSync(join(home, 'run'), { recursive: true });
  // Postgres may run as another user, who must be able to walk through.
  chmodSync(home, 0o711);
  const ports = await freePorts(NAMES);
  writeWhole(join(home, 'shop.json'), JSON.stringify({ ports, owner, faulty }, null, 2));
  writeWhole(choiceFile(home), JSON.stringify({ database: 'shop-db' }));
  try {
    for (const name of ['shop-db', 'orders-db']) start(home, name, { program: PROGRAMS[name], folder: here });
    for (const name of ['shop-db', 'orders-db']) {
      await untilTrue(
        () => answers(home, name),
        90_000,
        () =>
          `Postgres did not start; see ${join(home, 'log', `${name}.log`)}. After \`npm ci --ignore-scripts\`, run \`npm rebuild\`. Under root, the user "postgres" must be able to read node_modules.`,
      );
    }
    const seeds = await withDatabase(home, 'shop-db', (client) => rowsOf(client, 'total'));
    writeFileSync(seedsFile(home), seeds.map((row) => `${JSON.stringify(row)}\n`).join(''));
    for (const name of ['order-service', 'customers']) {
      start(home, name, { program: PROGRAMS[name], folder: here });
      await untilHealthy(home, name);
    }
  } catch (error) {
    await closeShop(home);
    throw error;
  }
  return environmentOf(home);
}

/** Ends every process of the shop, the customers first and the databases last. The folder stays. */
export async function closeShop(home) {
  for (const name of ['customers', 'order-service']) await stop(home, name);
  await Promise.all(['shop-db', 'orders-db'].map((name) => stop(home, name)));
  remove(join(home, 'shop.json'));
}

/** True once the database is there, with its orders if it is the one that has them. */
async function answers(home, name) {
  const ready = name === 'shop-db' ? "to_regclass('order_lines') IS NOT NULL" : 'true';
  try {
    return await withDatabase(home, name, async (client) => {
      const { rows } = await client.query(`SELECT ${ready} AS ready`);
      return rows[0].ready;
    });
  } catch {
    return false; // Not there yet; the caller has a deadline, and says where the log is.
  }
}
