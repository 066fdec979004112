/**
 * Where the shop's things lie: everything it knows of itself is in one folder, SHOP_HOME.
 *
 *   shop.json            ports, the process it ends with, and whether the injected fault is on (written once, at the start)
 *   order-service.json   which database the order service uses
 *   ledger.jsonl         every write that a customer got acknowledged
 *   seeds.jsonl          the orders there were before the first customer
 *   run/, log/           pid and output of each process
 */
import { join } from 'node:path';
import { readShop, urlOf } from '../../discount-code/shop/home.mjs';

/** The process of each database server, and the name of the database in it. */
export const DATABASES = { 'shop-db': 'shop', 'orders-db': 'orders' };

export function databaseUrl(home, name) {
  return `postgres://shop:shop@127.0.0.1:${readShop(home).ports[name]}/${DATABASES[name]}`;
}

/** What a program needs in its environment to act on the shop; the bindings refer to these names. */
export function environmentOf(home) {
  return {
    SHOP_HOME: home,
    SHOP_DB_URL: databaseUrl(home, 'shop-db'),
    ORDERS_DB_URL: databaseUrl(home, 'orders-db'),
    ORDER_SERVICE: urlOf(home, 'order-service'),
    CUSTOMERS: urlOf(home, 'customers'),
  };
}

export const ledgerFile = (home) => join(home, 'ledger.jsonl');
export const seedsFile = (home) => join(home, 'seeds.jsonl');
export const choiceFile = (home) => join(home, 'order-service.json');
