/** Two databases of one server, by the names `shop` and `other` of the bindings, and clients that write to them. */
import pg from 'pg';
import { expect } from 'vitest';
import { startPostgres } from './postgres.js';

const VARIABLES = { shop: 'TWO_SHOP_URL', other: 'TWO_OTHER_URL' } as const;

export interface TwoDatabases {
  readonly shop: pg.Client;
  readonly other: pg.Client;
  readonly urls: { readonly shop: string; readonly other: string };
  /** Of the strategy's bindings. */
  readonly bindings: { readonly connections: object };
  close(): Promise<void>;
}

/** `flags`: of the server. */
export async function openTwoDatabases(flags: readonly string[] = []): Promise<TwoDatabases> {
  const postgres = await startPostgres(flags);
  const shop = await connected(postgres.url);
  await shop.query('create database other');
  const url = new URL(postgres.url);
  url.pathname = '/other';
  const other = await connected(url.href);
  process.env[VARIABLES.shop] = postgres.url;
  process.env[VARIABLES.other] = url.href;
  return {
    shop,
    other,
    urls: { shop: postgres.url, other: url.href },
    bindings: {
      connections: {
        shop: { postgres: `\${env:${VARIABLES.shop}}` },
        other: { postgres: `\${env:${VARIABLES.other}}` },
      },
    },
    close: async () => {
      for (const name of Object.values(VARIABLES)) delete process.env[name];
      await shop.end();
      await other.end();
      await postgres.stop();
    },
  };
}

export async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

/** A client that writes until it is stopped. `more`: resolves after so many more turns. */
export function writer(url: string, write: (client: pg.Client, turn: number) => Promise<unknown>) {
  let running = true;
  let turn = 0;
  const writing = (async () => {
    const client = await connected(url);
    try {
      for (; running; turn += 1) await write(client, turn);
    } finally {
      await client.end();
    }
  })();
  writing.catch(() => undefined);
  return {
    more: async (turns: number) => {
      const from = turn;
      await expect.poll(() => turn, { timeout: 20_000 }).toBeGreaterThan(from + turns);
    },
    stop: () => {
      running = false;
      return writing;
    },
  };
}
