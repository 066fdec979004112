/** Old and new clients write to two tables through a whole run: both sides stay equal, no request fails, and both ways out are clean. */
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let postgres: Postgres;
let world: World;
let database: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  database = new pg.Client({ connectionString: postgres.url });
  await database.connect();
  process.env.DUAL_URL = postgres.url;
  world = await openWorld(inject('engine'));
});
afterAll(async () => {
  delete process.env.DUAL_URL;
  await database.end();
  await world.close();
  await postgres.stop();
});

const rows = async (text: string) => (await database.query(text)).rows;
const TRIGGERS = "select tgname from pg_trigger where tgname like 'mirror%'";

/** Writes until it is stopped; answers with the number of writes, or throws what one of them threw. */
function writer(write: (client: pg.Client, turn: number) => Promise<unknown>): () => Promise<number> {
  let running = true;
  const writing = (async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    try {
      let turn = 0;
      for (; running; turn += 1) await write(client, turn);
      return turn;
    } finally {
      await client.end();
    }
  })();
  writing.catch(() => undefined);
  return () => {
    running = false;
    return writing;
  };
}

const file = (source: string, target: string) => ({
  ...strategy([
    phase(
      'P1',
      1,
      [step('BOTH', 1, { commands: [], undo: null, more: { 'x-uses': 'DATA-1' } })],
      gate('G1', {
        approval_required: true,
        approvers: ['Lead'],
        criteria: ['Reconciliation of DATA-1 passes'],
      }),
    ),
    phase('P2', 2, [step('END', 1, { commands: [], undo: null, more: { 'x-uses': 'DATA-1/finish' } })]),
  ]),
  data_migration: {
    migrations: [
      {
        migration_id: 'DATA-1',
        name: 'Totals in cents',
        type: 'data_transformation',
        source: { system: 'shop', tables: [source] },
        target: { system: 'shop', tables: [target] },
        migration_approach: { method: 'dual_write', dual_write_period: '2 seconds' },
        transformation_logic: {
          transformation_rules: [
            'cents = (total * 100)::bigint',
            'omit total',
            'source.total = cents / 100.0',
          ],
        },
      },
    ],
  },
});

it.each([
  ['approve', 'completed'],
  ['reject', 'rolled_back'],
])(
  '%s at the gate: the run ends %s, with no trigger left and every write where it belongs',
  async (vote, status) => {
    const [source, target] = [`orders_${vote}`, `orders_${vote}_v2`];
    await database.query(`create table ${source} (id bigserial primary key, total numeric(12, 2) not null);
    insert into ${source} (total) select n from generate_series(1, 2000) n;
    create table ${target} (id bigint primary key default nextval('${source}_id_seq'), cents bigint not null)`);
    const oldClient = writer(async (client, turn) => {
      await client.query(`insert into ${source} (total) values ($1)`, [turn]);
      await client.query(`update ${source} set total = total + 0.25 where id = $1`, [1 + (turn % 900)]);
      await client.query(`delete from ${source} where id = $1`, [1900 - turn]);
    });
    const run = await world.start(file(source, target), {
      bindings: { connections: { shop: { postgres: '${env:DUAL_URL}' } } },
      onFailure: 'full',
    });
    await run.asked('approval:G1');
    const newClient = writer(async (client, turn) => {
      await client.query(`insert into ${target} (cents) values ($1)`, [-1 - turn]);
      await client.query(`update ${target} set cents = cents + 1 where id = $1`, [1000 + (turn % 90)]);
    });
    await expect
      .poll(async () => Number((await rows(`select count(*) from ${source} where total < 0`))[0]?.count))
      .toBeGreaterThan(5);
    expect(await oldClient()).toBeGreaterThan(5);
    expect(await newClient()).toBeGreaterThan(5);
    const written = await rows(`select id, (total * 100)::bigint as cents from ${source} order by id`);
    expect(await rows(`select id, cents from ${target} order by id`)).toEqual(written);
    await run.answer('approval:G1', vote, 'Lead', 'as planned');
    expect(await run.end()).toMatchObject({ status });
    expect(await rows(TRIGGERS)).toEqual([]);
    expect(await rows(`select id, (total * 100)::bigint as cents from ${source} order by id`)).toEqual(
      written,
    );
    expect(await rows(`select id, cents from ${target} order by id`)).toEqual(
      vote === 'approve' ? written : [],
    );
  },
);
