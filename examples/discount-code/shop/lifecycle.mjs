/** Opening and closing the shop. `bin/shop open` and `close` do the same where a shell can. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { environmentOf, OPENED, remove } from './home.mjs';
import { deployed, ENVIRONMENT, endOfLog, pidOf, start, stop, untilTrue } from './processes.mjs';

/**
 * Opens the shop as it is before the migration: database, cart service v1, switch on blue, flag off, traffic running.
 * @param {string} home an empty folder
 * @param {{ badCart?: boolean, template?: string | null, owner?: number }} options `template`: this is one of many shops, which
 *   have less traffic, and begin with the database that the first of them keeps there; `owner`: the process with whose end
 *   everything ends
 * @returns the environment that commands acting on this shop need
 */
export async function openShop(home, { badCart = false, template = null, owner = process.pid } = {}) {
  const isOpen = () => existsSync(join(home, OPENED));
  try {
    start(home, ENVIRONMENT, {
      env: { SHOP_OWNER: String(owner), SHOP_TEMPLATE: template ?? '', SHOP_BAD_CART: badCart ? '1' : '' },
    });
    await untilTrue(
      async () => isOpen() || pidOf(home, ENVIRONMENT) === null,
      90_000,
      () => `The shop is not open after 90 s. The end of its log:\n${endOfLog(home, ENVIRONMENT)}`,
    );
    if (!isOpen())
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
  for (const name of [OPENED, 'address', 'shop.json']) remove(join(home, name));
}
