/**
 * Where the shop's things lie: everything it knows of itself is in one folder, SHOP_HOME.
 *
 *   shop.json        ports, owner, nginx if it is installed, and whether the injected fault is on (written once, at the start)
 *   run/NAME.pid     one per running process
 *   log/NAME.log     what it printed
 *   deployed/NAME    the manifest that `kubectl apply` last started it with
 *   address          the process that the commands in bin/ ask
 *   opened           what a program needs in its environment, for a shell; there once the shop is open
 *   flags/           the feature flags
 *   config/          the settings of the cart service
 *   nginx/cart.conf  how many requests each version gets
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the shop that commands act on; ends the program with advice when it does not exist. */
export function shopHome() {
  const home = process.env.SHOP_HOME;
  if (home) return home;
  console.error(
    'SHOP_HOME is not set: no shop to act on. Start one with `examples/discount-code/bin/shop up`.',
  );
  process.exit(2);
}

/** @returns {{ ports: Record<string, number>, owner: number, badCart: boolean, template: string | null, nginx: string | null }} */
export function readShop(home) {
  return JSON.parse(readFileSync(join(home, 'shop.json'), 'utf8'));
}

/** The address of one of the shop's processes, without a slash at the end. */
export function urlOf(home, name) {
  return `http://127.0.0.1:${readShop(home).ports[name]}`;
}

export function databaseUrl(home) {
  return `postgres://shop:shop@127.0.0.1:${readShop(home).ports.database}/shop`;
}

/** What a program needs in its environment to act on the shop; the bindings refer to these names. */
export function environmentOf(home) {
  return {
    SHOP_HOME: home,
    SHOP_URL: urlOf(home, 'traffic-switch'),
    LOAD_URL: urlOf(home, 'load'),
    PROMETHEUS_URL: urlOf(home, 'collector'),
    DISCOUNT_SERVICE_URL: urlOf(home, 'discount-service'),
    CART_DB_URL: databaseUrl(home),
    CART_V1: urlOf(home, 'cart-service-v1').slice('http://'.length),
    CART_V2: urlOf(home, 'cart-service-v2').slice('http://'.length),
    SLACK_WEBHOOK: `${urlOf(home, 'slack')}/services/shop`,
  };
}

/** The file that is there once the shop is open. */
export const OPENED = 'opened';

/** For a shell. */
export function exportsOf(environment) {
  return Object.entries(environment)
    .map(([name, value]) => `export ${name}=${value}`)
    .join('\n');
}

/** The text of a file of the shop, or null when it is not there. */
export function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Writes a file so that a reader sees either the old text or the new one. */
export function writeWhole(path, text) {
  mkdirSync(join(path, '..'), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}

export function remove(path) {
  rmSync(path, { force: true, recursive: true });
}
