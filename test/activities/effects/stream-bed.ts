/** Two databases that a stream keeps in step, and a client that writes to whichever side takes writes. */
import pg from 'pg';
import type { EffectJob } from '../../../activities/contract.js';
import { runStream } from '../../../activities/effects/replication/stream.js';
import type { StreamAction } from '../../../strategy/plan.js';
import { attempt, KEY, makePlace, type Place, runIn } from '../support.js';

const ORDERS = { schema: 'public', table: 'orders' };
export const STREAM: StreamAction = {
  kind: 'stream',
  item: 'DATA-1',
  connection: 'shop',
  to: 'other',
  tables: [ORDERS, { schema: 'public', table: 'lines' }],
  set: [
    { column: 'email', value: 'lower(email)' },
    { column: 'cents', value: '(total * 100)::bigint' },
  ],
  back: [{ column: 'total', value: 'cents / 100.0' }],
  omit: ['note'],
  part: 'start',
  direction: 'apply',
  compare: null,
  maxLagMs: 30_000,
  maxWalBytes: 10e9,
};
const COMPARE: StreamAction['compare'] = {
  ...{ item: 'DATA-1', source: 'shop', target: 'other', method: { kind: 'rows' }, threshold: 1, rules: [] },
  tables: STREAM.tables.map((table) => ({
    ...{ source: table, target: table, set: STREAM.set, omit: STREAM.omit },
    ...{ where: null, filter: null, exclude: [], groupBy: [] },
  })),
};

const SOURCE = `create table orders (id serial primary key, email varchar(40) not null, total numeric(10,2), note text default 'old', at timestamptz default now());
create table lines (id int, n int, what text, primary key (id, n));
insert into orders (email, total) select 'User' || n || '@X.org', n * 1.5 from generate_series(1, 3000) n;
insert into lines select n, 1, 'a' from generate_series(1, 3000) n;`;
const TARGET = `create table orders (id bigserial primary key, email text not null, total numeric, cents bigint, at timestamptz);
create table lines (id bigint, n bigint, what text, primary key (id, n));`;

export const PARTS = {
  start: { part: 'start', direction: 'apply' },
  cutOver: { part: 'cut-over', direction: 'apply' },
  switchBack: { part: 'cut-over', direction: 'undo' },
  finish: { part: 'finish', direction: 'apply' },
  undo: { part: 'start', direction: 'undo' },
} as const;

export interface Bed {
  readonly place: Place;
  readonly job: (more: Partial<StreamAction>, attempt?: number) => EffectJob<StreamAction>;
}

let runs = 0;

/** Connections to both sides, which last as long as their servers. */
export class StreamSides {
  private constructor(
    readonly urls: { readonly source: string; readonly target: string },
    readonly source: pg.Client,
    readonly target: pg.Client,
  ) {}

  static async connect(urls: StreamSides['urls']): Promise<StreamSides> {
    const [source, target] = [urls.source, urls.target].map((connectionString) => {
      const client = new pg.Client({ connectionString });
      client.on('error', () => undefined);
      return client;
    });
    if (source === undefined || target === undefined) throw new Error('two sides');
    await source.connect();
    await target.connect();
    return new StreamSides(urls, source, target);
  }

  async end(): Promise<void> {
    await this.source.end();
    await this.target.end();
  }

  /** New tables on both sides, and jobs of a run of its own. `shop`, `other`: the URIs in the bindings. */
  async bed(
    always: Partial<StreamAction> = {},
    shop = this.urls.source,
    other = this.urls.target,
  ): Promise<Bed> {
    const empty = 'drop schema if exists sluice cascade; drop schema public cascade; create schema public;';
    await this.source.query(`${empty}${SOURCE}`);
    await this.target.query(`${empty}${TARGET}`);
    const place = await makePlace({
      connections: { shop: { postgres: shop }, other: { postgres: other } },
    });
    runs += 1;
    const context = { ...place.context, run: `run-${runs}` };
    return {
      place,
      job: (more, number = 1) => {
        const action = { ...STREAM, ...always, ...more, compare: more.part === 'cut-over' ? COMPARE : null };
        const key = { ...KEY, purpose: action.direction, attempt: number };
        return { context, key, action, timeoutMs: 120_000 };
      },
    };
  }

  /** Everything on both sides that has the name of a stream. */
  async objects(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const client of [this.source, this.target]) {
      const { rows } = await client.query(`select 'publication' as what from pg_publication
      union all select 'slot' from pg_replication_slots where database = current_database()
      union all select 'subscription' from pg_subscription where subdbid = (select oid from pg_database where datname = current_database())
      union all select 'trigger ' || tgname from pg_trigger where tgname like 'sluice%'
      union all select 'table ' || relname from pg_class where relname like 'sluice%' and relkind = 'r'
      union all select 'function' from pg_proc where proname like 'sluice%'`);
      found.push(...rows.map(({ what }) => what));
    }
    return found;
  }

  /** The rows of both sides, in the shape of the source. */
  async both(): Promise<readonly [unknown, unknown]> {
    const query = (email: string) => `select json_agg(q order by q) as rows from (
    select 'o' || id || ' ' || ${email} || ' ' || trim_scale(total) as q from orders
    union all select 'l' || id || ' ' || n || ' ' || what from lines) q`;
    return [
      (await this.source.query(query('lower(email)'))).rows[0].rows,
      (await this.target.query(query('email'))).rows[0].rows,
    ];
  }

  /** How many of these orders the source has. */
  async ordersOf(ids: readonly number[]): Promise<number> {
    const { rows } = await this.source.query('select count(*)::int as n from orders where id = any ($1)', [
      ids,
    ]);
    return rows[0].n;
  }
}

/** The cause of a failure; the output otherwise. */
export async function carriedOut({ place }: Bed, job: EffectJob<StreamAction>): Promise<string> {
  const outcome = await runIn(attempt(), () => runStream(place.clients, job));
  return outcome.outcome === 'done' ? `done: ${outcome.output}` : outcome.cause;
}

/** Writes all the time to whichever side takes writes, and remembers what was answered with success. */
export class LiveClient {
  readonly #done: number[] = [];
  readonly #writing: Promise<void>;
  #running = true;

  /** @param pauseMs between its turns */
  constructor(
    urls: StreamSides['urls'],
    readonly pauseMs = 0,
  ) {
    this.#writing = this.#write(urls);
    this.#writing.catch(() => undefined);
  }

  get written(): number {
    return this.#done.length;
  }

  /** The ids of the orders that were answered with success. */
  async stop(): Promise<readonly number[]> {
    this.#running = false;
    await this.#writing;
    return this.#done;
  }

  async #write({ source, target }: StreamSides['urls']): Promise<void> {
    const sides = [
      { url: source, sql: "('Live@X.org', $1)", column: 'total' },
      { url: target, sql: "('live@x.org', $1 * 100)", column: 'cents' },
    ].map((side) => ({ ...side, client: new pg.Client({ connectionString: side.url }) }));
    let at = 0;
    for (const { client } of sides) await client.connect();
    try {
      for (let turn = 1; this.#running; turn += 1) {
        await new Promise((resolve) => setTimeout(resolve, this.pauseMs));
        const side = sides[at];
        if (side === undefined) throw new Error('no side');
        try {
          const { rows } = await side.client.query(
            `insert into orders (email, ${side.column}) values ${side.sql} returning id`,
            [turn],
          );
          this.#done.push(Number(rows[0].id));
          await side.client.query(`update lines set what = what || 'x' where id = $1 and n = 1`, [
            turn % 100,
          ]);
          await side.client.query('delete from lines where id = $1', [2000 + (turn % 500)]);
        } catch (error) {
          // Fenced: the other side takes the writes.
          if (!(error instanceof pg.DatabaseError && error.code === '25006')) throw error;
          at = 1 - at;
        }
      }
    } finally {
      for (const { client } of sides) await client.end();
    }
  }
}
