/** What changes in one database reaches the other in rounds, once, whatever is killed; and what both sides change is decided, not lost. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runEffect } from '../../../activities/effects/index.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { RowsAction, SyncAction } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, KEY, makePlace, type Place, runIn } from '../support.js';
import { attemptIn } from './attempts.js';

let postgres: Postgres;
let shop: pg.Client;
let other: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  shop = new pg.Client({ connectionString: postgres.url });
  await shop.connect();
  await shop.query('create database other');
  other = new pg.Client({ connectionString: otherUrl() });
  await other.connect();
});
afterAll(async () => {
  await shop.end();
  await other.end();
  await postgres.stop();
});

function otherUrl(): string {
  const url = new URL(postgres.url);
  url.pathname = '/other';
  return url.href;
}

const RULES = {
  item: 'DATA-1',
  connection: 'shop',
  to: 'other',
  source: { schema: 'public', table: 'orders' },
  set: [{ column: 'cents', value: '(total * 100)::bigint' }],
  omit: ['total', 'at'],
  where: null,
} as const;
const SYNC: SyncAction = {
  kind: 'sync',
  ...RULES,
  target: { schema: 'public', table: 'orders_new' },
  back: [{ column: 'total', value: 'cents / 100.0' }],
  detect: { by: 'tracking' },
  conflicts: null,
  returns: true,
  intervalMs: 50,
  batchSize: 50,
  maxLagMs: 30_000,
  periodMs: 0,
  do: 'start',
};
const JOIN: RowsAction = {
  kind: 'rows',
  ...RULES,
  change: { do: 'join', target: SYNC.target },
  direction: 'apply',
  batchSize: 100,
  ratePerSecond: null,
};

type Job = EffectJob<SyncAction> | EffectJob<RowsAction>;

interface Bed {
  readonly place: Place;
  readonly sync: (
    what: SyncAction['do'],
    more?: Partial<SyncAction>,
    attempt?: number,
  ) => EffectJob<SyncAction>;
  readonly join: EffectJob<RowsAction>;
}

async function bed(): Promise<Bed> {
  for (const client of [shop, other]) {
    await client.query(
      'drop schema if exists sluice cascade; drop schema public cascade; create schema public',
    );
  }
  await shop.query(`create table orders (id bigint primary key, name text, total numeric not null, at timestamptz not null default now());
    create index on orders (at); insert into orders select n, 'User' || n, n * 1.5 from generate_series(1, 300) n`);
  await other.query(
    'create table orders_new (id bigint primary key, name text, cents bigint not null check (cents < 10000000))',
  );
  const place = await makePlace({
    connections: { shop: { postgres: postgres.url }, other: { postgres: otherUrl() } },
  });
  const base = { context: place.context, timeoutMs: 60_000 };
  return {
    place,
    sync: (what, more = {}, number = 1) => ({
      ...base,
      key: { ...KEY, purpose: what === 'undo' || what === 'back' ? 'undo' : 'apply', attempt: number },
      action: { ...SYNC, ...more, do: what },
    }),
    join: { ...base, key: KEY, action: JOIN },
  };
}

function run({ place }: Bed, job: Job): Promise<EffectOutcome> {
  return runIn(attempt(), () =>
    job.action.kind === 'sync'
      ? runEffect(place.clients, { ...job, action: job.action })
      : runEffect(place.clients, { ...job, action: job.action }),
  );
}

async function done(here: Bed, ...jobs: readonly Job[]): Promise<void> {
  for (const job of jobs) expect(await run(here, job)).toMatchObject({ outcome: 'done' });
}

const sourceRows = async () =>
  (await shop.query('select id, name, (total * 100)::bigint as cents from orders order by id')).rows;
const targetRows = async () => (await other.query('select id, name, cents from orders_new order by id')).rows;

/** A client of the source that inserts, changes, deletes and moves rows until it is stopped. */
function writer(): () => Promise<void> {
  let running = true;
  const writing = (async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    for (let turn = 1; running; turn += 1) {
      await client.query(`insert into orders (id, name, total) values (${1_000 + turn}, 'new', ${turn})`);
      await client.query(`update orders set total = total + 1, at = now() where id % 100 = ${turn % 100}`);
      await client.query(`delete from orders where id = ${turn * 3}`);
      await client.query(`update orders set id = -id, at = now() where id = ${turn * 5 + 1}`);
    }
    await client.end();
  })();
  return () => {
    running = false;
    return writing;
  };
}

test('a client writes through the copy and the rounds, every part is killed, and the target takes over with every row and gives back every write', async () => {
  const here = await bed();
  const stop = writer();
  const killed = async (job: Job, fault: FaultPoint) => {
    expect(await attemptIn(here.place, job, 1, fault).outcome).toBeNull();
    await done(here, job);
  };
  await killed(here.sync('start'), 'after-commit');
  await killed(here.join, 'before-commit');
  await killed(here.sync('rounds'), 'before-commit');
  await killed(here.sync('rounds', {}, 2), 'after-commit');
  await stop();
  await killed(here.sync('last'), 'after-commit');
  expect(await targetRows()).toEqual(await sourceRows());
  await other.query(
    "insert into orders_new values (9000000, 'after', 150); update orders_new set cents = 7 where id = 200; delete from orders_new where id = 250",
  );
  await killed(here.sync('back'), 'after-commit');
  expect(await sourceRows()).toEqual(await targetRows());
  expect((await shop.query('select total::float from orders where id = 9000000')).rows).toEqual([
    { total: 1.5 },
  ]);
  await done(here, here.sync('undo'));
  for (const client of [shop, other]) {
    const left =
      "select tgname from pg_trigger where tgname like 'sync\\_%' union all select relname from pg_class where relname like 'sync\\_%\\_source' or relname like 'sync\\_%\\_target'";
    expect((await client.query(left)).rows).toEqual([]);
  }
});

test('a transaction that commits after a round began is not missed', async () => {
  const here = await bed();
  await done(here, here.sync('start'), here.join);
  const late = new pg.Client({ connectionString: postgres.url });
  await late.connect();
  await late.query("begin; insert into orders (id, name, total) values (9001, 'late', 1)");
  await shop.query("insert into orders (id, name, total) values (9002, 'early', 1)");
  await done(here, here.sync('rounds'));
  await late.query('commit');
  await late.end();
  await done(here, here.sync('rounds', {}, 2));
  expect(await targetRows()).toEqual(await sourceRows());
  await shop.query('truncate orders');
  await done(here, here.sync('rounds', {}, 3));
  expect(await targetRows()).toEqual([]);
});

test.each([
  ['hash', { by: 'hash' }],
  ['timestamp', { by: 'timestamp', column: 'at' }],
] as const)(
  'rounds by %s bring over what changed, and the last one also what was deleted',
  async (_, detect) => {
    const here = await bed();
    await done(here, here.sync('start', { detect }), here.join);
    await shop.query(
      "update orders set total = 1, at = now() where id < 20; insert into orders values (400, 'new', 1); delete from orders where id = 30",
    );
    await done(here, here.sync('rounds', { detect }), here.sync('last', { detect }));
    expect(await targetRows()).toEqual(await sourceRows());
  },
);

test('a row that the target refuses is set aside and tried again by every round, and the others go on', async () => {
  const here = await bed();
  await done(here, here.sync('start'), here.join);
  await shop.query(
    'update orders set total = 1000000 where id = 7; update orders set total = 2 where id = 8',
  );
  expect(await run(here, here.sync('rounds'))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringMatching(/refuses 1 rows.*check constraint/),
  });
  expect((await other.query('select cents::int from orders_new where id = 8')).rows).toEqual([
    { cents: 200 },
  ]);
  await shop.query('update orders set total = 3 where id = 7');
  await done(here, here.sync('rounds', {}, 2));
  expect(await targetRows()).toEqual(await sourceRows());
});

test('a comparison while clients write finds a row that no change explains, and no row that one does', async () => {
  const here = await bed();
  const compares = { compares: true };
  const stop = writer();
  await done(here, here.sync('start', compares), here.join, here.sync('rounds', compares));
  await other.query("insert into orders_new values (8000000, 'stray', 1)");
  expect(await run(here, here.sync('rounds', compares, 2))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining(
      '1 rows of orders and orders_new differ, and no change that is noted explains it: ["8000000"]',
    ),
  });
  await stop();
  await other.query('delete from orders_new where id = 8000000');
  await done(here, here.sync('rounds', compares, 3), here.sync('finish', compares));
  expect(await targetRows()).toEqual(await sourceRows());
});

test.each(['source_wins', 'target_wins', 'manual'] as const)(
  'both sides are written, and %s decides about what both have changed',
  async (conflicts) => {
    const here = await bed();
    await done(here, here.sync('start', { conflicts }), here.join);
    await shop.query(
      "update orders set total = 10 where id in (1, 2, 4); update orders set name = 'same' where id = 5; delete from orders where id = 3",
    );
    await other.query(
      "update orders_new set cents = 55 where id in (1, 3, 6); update orders_new set name = 'same' where id = 5; insert into orders_new values (500, 'there', 1)",
    );
    await done(here, here.sync('rounds', { conflicts }));
    const log = await other.query(
      'select key, chosen, state, source is null as gone from sluice.conflicts order by key',
    );
    const chosen = { source_wins: 'source', target_wins: 'target', manual: null }[conflicts];
    const state = conflicts === 'manual' ? 'open' : 'closed';
    expect(log.rows).toEqual([
      { key: ['1'], chosen, state, gone: false },
      { key: ['3'], chosen, state, gone: true },
    ]);
    if (conflicts === 'manual') {
      const apart = (await targetRows()).filter(({ id }) => !['1', '3'].includes(id));
      expect((await sourceRows()).filter(({ id }) => !['1', '3'].includes(id))).toEqual(apart);
      expect(await run(here, here.sync('last', { conflicts }))).toMatchObject({
        outcome: 'failed',
        cause: expect.stringContaining('2 conflicts of DATA-1 are open'),
      });
      await other.query(
        "update sluice.conflicts set chosen = case key[1] when '1' then 'source' else 'target' end",
      );
    }
    await done(here, here.sync('last', { conflicts }, 2));
    expect(await targetRows()).toEqual(await sourceRows());
    const expected = {
      source_wins: [{ id: '1', cents: '1000' }],
      target_wins: [
        { id: '1', cents: '55' },
        { id: '3', cents: '55' },
      ],
      manual: [
        { id: '1', cents: '1000' },
        { id: '3', cents: '55' },
      ],
    }[conflicts];
    expect(
      (await other.query('select id, cents from orders_new where id in (1, 3) order by id')).rows,
    ).toEqual(expected);
    expect(
      (await other.query('select cents::int from orders_new where id in (2, 6, 500) order by id')).rows,
    ).toEqual([{ cents: 1000 }, { cents: 55 }, { cents: 1 }]);
  },
);

test.each(['undo', 'finish'] as const)(
  'what clients wrote to either side before the %s of an outbox is carried once, wherever the worker is killed',
  async (how) => {
    const here = await bed();
    const outbox = { conflicts: 'source_wins', compares: true, returns: false } as const;
    await done(here, here.sync('start', outbox), here.join, here.sync('rounds', outbox));
    await shop.query("update orders set total = 7 where id = 1; insert into orders values (901, 'shop', 1)");
    await other.query(
      "update orders_new set cents = 800 where id = 2; delete from orders_new where id = 3; insert into orders_new values (902, 'other', 100)",
    );
    const written = async () =>
      (
        await shop.query(
          'select id::int, total::float from orders where id in (1, 2, 3, 901, 902) order by id',
        )
      ).rows;
    const faults: readonly FaultPoint[] = ['before-commit', 'after-commit'];
    for (const [index, fault] of faults.entries()) {
      const killed = attemptIn(here.place, here.sync(how, outbox), index + 1, fault);
      expect(await killed.outcome).toBeNull();
    }
    await done(here, here.sync(how, outbox, faults.length + 1));
    expect(await written()).toEqual([
      { id: 1, total: 7 },
      { id: 2, total: 8 },
      { id: 901, total: 1 },
      { id: 902, total: 1 },
    ]);
    if (how === 'finish') expect(await targetRows()).toEqual(await sourceRows());
  },
);
