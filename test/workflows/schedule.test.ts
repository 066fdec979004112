/** Both sides of a data migration compared on a schedule, beside the steps after it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let postgres: Postgres;
let world: World;
let client: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  process.env.SCHEDULED_URL = postgres.url;
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  world = await openWorld(inject('engine'));
});
afterAll(async () => {
  await world.close();
  await client.end();
  await postgres.stop();
});

const ITEM = {
  migration_id: 'DATA-1',
  type: 'data_transformation',
  source: { system: 'shop', tables: ['orders'] },
  target: { tables: ['orders_new'] },
  'x-reconcile': { schedule: 'every 1 second', method: 'changed by at' },
};

it('alerts when rows differ and when nobody can tell, and never holds the step up', async () => {
  await client.query(`create table orders (id int primary key, total numeric, at timestamptz not null default '2024-01-01');
    insert into orders select n, n from generate_series(1, 10) n; create table orders_new (like orders including all)`);
  const copy = step('COPY', 1, {
    commands: [],
    undo: null,
    more: { type: 'data_migration', 'x-uses': 'DATA-1' },
  });
  const wait = step('SERVES', 2, { commands: ['$ while [ ! -e released ]; do sleep 0.2; done'] });
  const run = await world.start(
    strategy([phase('P1', 1, [copy, wait])], { data_migration: { migrations: [ITEM] } }),
    {
      bindings: {
        connections: { shop: { postgres: '${env:SCHEDULED_URL}' } },
        watch: { interval: '200ms', failureLimit: 1, errorLimit: 2 },
      },
    },
  );
  await run.until('the copy is done', ({ phases }) => phases[0]?.steps[1]?.status === 'running');
  const told = async (what: string): Promise<void> => {
    await expect.poll(async () => JSON.stringify(await run.events()), { timeout: 60_000 }).toContain(what);
  };
  await client.query('delete from orders_new where id = 3');
  await told('"text":"Reconciliation of DATA-1 does not pass"');
  await client.query('insert into orders_new values (3, 3)');
  await told('"type":"alert-recovered"');
  await client.query('alter table orders_new rename to gone');
  await told('"text":"no verdict: Reconciliation of DATA-1 does not pass"');
  await client.query('alter table gone rename to orders_new');
  writeFileSync(join(run.workspace, 'released'), '');
  expect((await run.end()).status).toBe('completed');
  // Up to where both sides are known to be equal, for this run.
  const marks = await client.query("select run <> '' as own, open from sluice.reconciled");
  expect(marks.rows).toEqual([{ own: true, open: [] }]);
  const steps = (await run.events()).flatMap((event) => (event.type === 'alert' ? [event.step] : []));
  expect(new Set(steps)).toEqual(new Set(['SERVES']));
});
