/** Several workers share the rows of one table: each row once, whatever is killed, all of them under one rate and one balance. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runRows } from '../../../activities/effects/rows/rows.js';
import type { RowsAction } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, KEY, makePlace, type Place, runIn } from '../support.js';
import { attemptIn, untilDone } from './attempts.js';

let postgres: Postgres;
let client: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

const COPY: RowsAction = {
  kind: 'rows',
  item: 'DATA-1',
  connection: 'shop',
  source: { schema: 'public', table: 'orders' },
  change: { do: 'copy', target: { schema: 'public', table: 'orders_new' } },
  ...{ set: [], omit: [], where: '(id <> 4)', direction: 'apply', batchSize: 7, ratePerSecond: null },
  workers: 3,
};
const UPDATE: Partial<RowsAction> = {
  change: { do: 'update' },
  set: [{ column: 'email', value: 'lower(email)' }],
};

interface Bed {
  readonly place: Place;
  readonly job: (more: Partial<RowsAction>, attempt?: number) => EffectJob<RowsAction>;
}

async function bed(more = ''): Promise<Bed> {
  await client.query(`drop schema if exists sluice cascade; drop schema public cascade; create schema public;
    create table orders (shop int, id int, email text, primary key (shop, id));
    insert into orders select n % 3, n, 'User' || n from generate_series(1, 100) n;
    create table orders_new (shop int, id int, email text not null, primary key (shop, id)); ${more}`);
  const place = await makePlace({ connections: { shop: { postgres: postgres.url } } });
  return {
    place,
    job: (own, number = 1) => {
      const action = { ...COPY, ...own };
      const key = { ...KEY, purpose: action.direction, attempt: number };
      return { context: place.context, key, action, timeoutMs: 300_000 };
    },
  };
}

function run({ place }: Bed, job: EffectJob<RowsAction>): Promise<EffectOutcome> {
  return runIn(attempt(), () => runRows(place.clients, job));
}

const LOG = `create table log (id int);
  create function note() returns trigger language plpgsql as $$ begin insert into log values (new.id); return null; end $$;
  create trigger t after insert or update on`;

const once = async () =>
  (await client.query('select count(*)::int as n, count(distinct id)::int as different from log')).rows[0];

test.each([
  ['a copy', {}, `${LOG} orders_new for each row execute function note();`],
  ['an update', UPDATE, `${LOG} orders for each row execute function note();`],
] as const)(
  '%s by three workers that die again and again changes each row once, and is taken back',
  async (_, change, more) => {
    const here = await bed(more);
    const before = (await client.query('select * from orders order by shop, id')).rows;
    const job = here.job(change);
    for (const [index, fault] of (['before-commit', 'after-commit', 'before-return'] as const).entries()) {
      expect(await attemptIn(here.place, job, index + 1, fault).outcome).toBeNull();
    }
    const outcome = await untilDone(here.place, job, 4);
    expect(outcome.output).toContain('100 rows read: 99 written, 1 filtered, 0 quarantined');
    expect(await once()).toEqual({ n: 99, different: 99 });
    const { rows: parts } = await client.query(
      "select read::int from sluice.transfer where id like '%#%' order by id",
    );
    expect(parts).toEqual([{ read: 34 }, { read: 34 }, { read: 32 }]);
    expect(await run(here, here.job({ ...change, direction: 'undo' }))).toMatchObject({ outcome: 'done' });
    expect((await client.query('select * from orders order by shop, id')).rows).toEqual(before);
    expect((await client.query('select count(*)::int as n from orders_new')).rows).toEqual([{ n: 0 }]);
  },
);

test('a fill by three workers that die fills each row once', async () => {
  const here = await bed(
    `${LOG} orders for each row execute function note(); alter table orders add low text;`,
  );
  const set = [{ column: 'low', value: 'lower(email)' }];
  const job = here.job({ change: { do: 'fill' }, set, where: '(low is null)' });
  expect(await attemptIn(here.place, job, 1, 'after-commit').outcome).toBeNull();
  expect((await untilDone(here.place, job, 2)).output).toContain('100 rows read: 100 written, 0 filtered');
  expect(await once()).toEqual({ n: 100, different: 100 });
  const { rows } = await client.query('select count(*)::int as n from orders where low = lower(email)');
  expect(rows).toEqual([{ n: 100 }]);
  const parts = await client.query("select from sluice.transfer where id like '%#%' and read > 30");
  expect(parts.rowCount).toBe(3);
});

test('rows that are refused in any part are set aside together, and a retry copies only them', async () => {
  const here = await bed('update orders set email = null where id in (3, 40, 99)');
  const outcome = await run(here, here.job({}));
  expect(outcome.outcome === 'failed' && outcome.cause).toContain(
    'refuses 3 rows (100 rows read: 96 written, 1 filtered, 3 quarantined)',
  );
  await client.query("update orders set email = 'x' where email is null");
  expect((await run(here, here.job({}, 2))).output).toContain(
    '100 rows read: 99 written, 1 filtered, 0 quar',
  );
});

test('all workers together keep to the rate', async () => {
  const here = await bed();
  const began = Date.now();
  expect(await run(here, here.job({ ratePerSecond: 50 }))).toMatchObject({ outcome: 'done' });
  // The last batch of each worker is waited for as well.
  expect(Date.now() - began).toBeGreaterThan(1_900);
});

test('an undo ends the workers of an attempt that was given up, before it takes back what they did', async () => {
  const here = await bed();
  const frozen = attemptIn(here.place, here.job({ ratePerSecond: 20 }), 1);
  const copied = async () => Number((await client.query('select count(*) as n from orders_new')).rows[0].n);
  while ((await copied()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await run(here, here.job({ direction: 'undo' }))).toMatchObject({ outcome: 'done' });
  expect(await frozen.outcome).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('Another attempt'),
  });
  expect(await copied()).toBe(0);
});
