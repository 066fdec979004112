/** What the tests of SQL share: a database of their own, jobs on it, and questions to it. */
import pg from 'pg';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runSql } from '../../../activities/effects/sql/sql.js';
import type { SqlAction } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, KEY, makePlace, type Place, runIn, until } from '../support.js';

export interface SqlPlace {
  /** The database of this test file. */
  readonly postgres: () => Postgres;
  readonly place: () => Place;
  /** A job on a connection to the given URL, by default the superuser's. */
  job(statements: readonly string[] | SqlAction, more?: Partial<EffectJob<SqlAction>>): EffectJob<SqlAction>;
  run(job: EffectJob<SqlAction>, number?: number): Promise<EffectOutcome>;
  ask(text: string, url?: string): Promise<readonly Record<string, unknown>[]>;
  /** How many rows the ledger has. */
  count(): Promise<number>;
  /** A connection that stays open, and is cut after the test. */
  client(url?: string): Promise<pg.Client>;
  /** Waits until a query that has this in its text waits in the server. */
  waits(text: string): Promise<void>;
  /** Points the connection somewhere else. */
  connect(url: string): Promise<void>;
}

/** Starts a database before the tests of a file; each of them finds it empty but for the table `ledger`. */
export function openSqlPlace(flags: readonly string[] = []): SqlPlace {
  let postgres: Postgres;
  let place: Place;
  let clients: pg.Client[] = [];
  beforeAll(async () => {
    postgres = await startPostgres(flags);
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    await here.connect(postgres.url);
    await here.ask(
      'drop schema if exists sluice cascade; drop schema public cascade; create schema public; create table ledger (what text)',
    );
    return async () => {
      for (const client of clients) await client.end();
      clients = [];
    };
  });
  const here: SqlPlace = {
    postgres: () => postgres,
    place: () => place,
    job(statements, more = {}) {
      const action =
        'kind' in statements ? statements : ({ kind: 'sql', statements, connection: 'shop' } as const);
      return { context: place.context, key: KEY, action, timeoutMs: 20_000, ...more };
    },
    run: (job, number = 1) => runIn(attempt(number), () => runSql(place.clients, job)),
    async ask(text, url = postgres.url) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query(text)).rows ?? [];
      } finally {
        await client.end();
      }
    },
    async count() {
      return Number((await here.ask('select count(*) as n from ledger'))[0]?.n);
    },
    async client(url = postgres.url) {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => undefined);
      await client.connect();
      clients.push(client);
      return client;
    },
    async waits(text) {
      const like = text.replaceAll("'", "''");
      await until(`"${text}" to wait`, async () => {
        const found = await here.ask(
          `select 1 from pg_stat_activity where query ilike '%${like}%' and pid <> pg_backend_pid() and wait_event_type in ('Lock', 'Timeout')`,
        );
        return found.length > 0;
      });
    },
    async connect(url) {
      place = await makePlace({ connections: { shop: { postgres: '${env:SHOP_URL}' } } }, { SHOP_URL: url });
    },
  };
  return here;
}
