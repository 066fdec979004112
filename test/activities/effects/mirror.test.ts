/** Two tables stay in step while clients write, through every kill, and the way back leaves the source as the clients wrote it. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runEffect } from '../../../activities/effects/index.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { MirrorAction, RowsAction } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, KEY, makePlace, type Place, runIn, until } from '../support.js';
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

async function ask(text: string): Promise<readonly Record<string, unknown>[]> {
  return (await client.query(text)).rows ?? [];
}

const RULES = {
  item: 'DATA-1',
  connection: 'shop',
  source: { schema: 'public', table: 'orders' },
  set: [
    { column: 'cents', value: '(total * 100)::bigint' },
    { column: 'day', value: 'at::date' },
  ],
  omit: ['total', 'at'],
  where: null,
} as const;
const MIRROR: MirrorAction = {
  kind: 'mirror',
  ...RULES,
  target: { schema: 'public', table: 'orders_new' },
  method: 'dual_write',
  back: [
    { column: 'total', value: 'cents / 100.0' },
    { column: 'at', value: 'day' },
  ],
  do: 'start',
};
const JOIN: RowsAction = {
  kind: 'rows',
  ...RULES,
  change: { do: 'join', target: MIRROR.target },
  direction: 'apply',
  batchSize: 40,
  ratePerSecond: null,
};
const SHADOW: Partial<MirrorAction> = { method: 'shadow_write', back: [] };

const ORDERS = `create table orders (shop int, id bigint, name text, total numeric not null, at timestamptz not null default '2026-01-01 23:30+00', primary key (shop, id));
insert into orders select n % 3, n, 'User' || n, n * 1.5 from generate_series(1, 600) n;`;
const ORDERS_NEW = `create table orders_new (shop int, id bigint, name text unique, cents bigint not null check (cents < 10000000), day date default '2026-03-04', primary key (id, shop));`;

type Job = EffectJob<MirrorAction> | EffectJob<RowsAction>;

interface Bed {
  readonly place: Place;
  readonly mirror: (more?: Partial<MirrorAction>, attempt?: number) => EffectJob<MirrorAction>;
  readonly join: (more?: Partial<RowsAction>, attempt?: number) => EffectJob<RowsAction>;
}

async function bed(setUp = ORDERS + ORDERS_NEW): Promise<Bed> {
  await ask(
    `drop schema if exists sluice cascade; drop schema public cascade; create schema public; ${setUp}`,
  );
  const place = await makePlace({ connections: { shop: { postgres: postgres.url } } });
  const base = (number: number, purpose: 'apply' | 'undo') => ({
    context: place.context,
    key: { ...KEY, purpose, attempt: number },
    timeoutMs: 60_000,
  });
  return {
    place,
    mirror: (more = {}, number = 1) => ({
      ...base(number, more.do === 'undo' ? 'undo' : 'apply'),
      action: { ...MIRROR, ...more },
    }),
    join: (more = {}, number = 1) => ({
      ...base(number, more.direction ?? 'apply'),
      action: { ...JOIN, ...more },
    }),
  };
}

function run({ place }: Bed, job: Job): Promise<EffectOutcome> {
  return runIn(attempt(), () =>
    job.action.kind === 'mirror'
      ? runEffect(place.clients, { ...job, action: job.action })
      : runEffect(place.clients, { ...job, action: job.action }),
  );
}

async function done(here: Bed, ...jobs: readonly Job[]): Promise<void> {
  for (const job of jobs) expect(await run(here, job)).toMatchObject({ outcome: 'done' });
}

const DIFFERENT = `select * from (
  (select shop, id, name, (total * 100)::bigint, at::date from orders except all select shop, id, name, cents, day from orders_new)
  union all (select shop, id, name, cents, day from orders_new except all select shop, id, name, (total * 100)::bigint, at::date from orders)) d`;
const TRIGGERS = `select tgname from pg_trigger where tgname like 'mirror\\_%' union all select proname from pg_proc where proname like 'mirror\\_%'`;

interface Writers {
  /** Resolves when each has written so often since now. */
  readonly more: (writes: number) => Promise<void>;
  /** Throws what a writer was refused, but for deadlocks with another writer. */
  readonly stop: () => Promise<void>;
}

/** Clients that insert, update, delete and move keys, on one or both sides. */
async function writers(sides: readonly ('orders' | 'orders_new')[]): Promise<Writers> {
  let running = true;
  let failure: unknown = null;
  const counts = sides.map(() => 0);
  const write = async (own: pg.Client, side: string, index: number, turn: number): Promise<void> => {
    const id = (turn * 37) % 700;
    const money = side === 'orders' ? 'total' : 'cents';
    const base = (index + 1) * 100_000;
    const statements = [
      `insert into ${side} (shop, id, name, ${money}) values (7, ${base + turn}, '${index} ${turn}', ${turn})`,
      `update ${side} set ${money} = ${turn} where id = ${id}`,
      `delete from ${side} where id = ${id + 1}`,
      `update ${side} set id = -id where id = ${base + turn - 3}`,
      `update ${side} set name = name || '.' where id between ${id} and ${id + 3}`,
    ];
    await own.query(statements[turn % statements.length] ?? '');
  };
  const loops = sides.map(async (side, index) => {
    const own = new pg.Client({ connectionString: postgres.url });
    await own.connect();
    try {
      for (let turn = 5; running; turn += 1) {
        try {
          await write(own, side, index, turn);
        } catch (error) {
          if (!(error instanceof pg.DatabaseError && error.code === '40P01')) throw error;
        }
        counts[index] = turn;
      }
    } catch (error) {
      failure = error;
    } finally {
      await own.end();
    }
  });
  return {
    more: async (writes) => {
      const before = [...counts];
      await until(
        'more writes',
        () => failure !== null || counts.every((count, index) => count >= (before[index] ?? 0) + writes),
      );
    },
    stop: async () => {
      running = false;
      await Promise.all(loops);
      if (failure !== null) throw failure;
    },
  };
}

test('clients of both tables write while they are joined: both sides are equal, no write fails, and the undo leaves the source alone', async () => {
  const here = await bed();
  await done(here, here.mirror());
  const clients = await writers(['orders', 'orders_new', 'orders']);
  await clients.more(10);
  await done(here, here.join());
  await clients.more(60);
  await clients.stop();
  expect(await ask(DIFFERENT)).toEqual([]);
  expect(await ask('select count(*)::int > 400 as many from orders_new where id > 0')).toEqual([
    { many: true },
  ]);
  // A row that only a client of the new table wrote.
  await ask("insert into orders_new values (9, 9, 'new', 12345, '2026-02-03')");
  expect(await ask("select total::text, at::date::text as at from orders where name = 'new'")).toEqual([
    { total: '123.4500000000000000', at: '2026-02-03' },
  ]);
  const before = await ask('select * from orders order by shop, id');
  await done(here, here.mirror({ do: 'undo' }), here.join({ direction: 'undo' }));
  expect(await ask('select * from orders order by shop, id')).toEqual(before);
  expect(await ask('select count(*)::int as rows from orders_new')).toEqual([{ rows: 0 }]);
  expect(await ask(TRIGGERS)).toEqual([]);
});

const FAULTS = [
  ['before-commit', 'after-commit', 'before-commit', 'after-commit'],
  ['after-commit', 'before-return', 'before-return', 'before-commit'],
] as const;

test.each(FAULTS)(
  'killed %s, %s, %s and %s, the triggers are there once, every row is on both sides, and the way back is whole',
  async (inStart, inJoin, inUndo, inDeletion) => {
    const here = await bed();
    const killed = async (job: Job, fault: FaultPoint) => {
      expect(await attemptIn(here.place, job, 1, fault).outcome).toBeNull();
      expect(await untilDone(here.place, job, 2)).toMatchObject({ outcome: 'done' });
    };
    const clients = await writers(['orders']);
    await killed(here.mirror(), inStart);
    await killed(here.join(), inJoin);
    await clients.more(20);
    await clients.stop();
    expect(await ask(DIFFERENT)).toEqual([]);
    expect(
      await ask("select count(*)::int as triggers from pg_trigger where tgname like 'mirror\\_%'"),
    ).toEqual([{ triggers: 4 }]);
    await killed(here.mirror({ do: 'undo' }), inUndo);
    await killed(here.join({ direction: 'undo' }), inDeletion);
    expect(await ask(TRIGGERS)).toEqual([]);
    expect(await ask('select count(*)::int as rows from orders_new')).toEqual([{ rows: 0 }]);
  },
);

test('a dual write succeeds on both sides or on none, also where a rule keeps a row out', async () => {
  const here = await bed();
  const where = '(shop <> 2)';
  await done(here, here.mirror({ where }), here.join({ where }));
  await expect(ask("insert into orders values (1, 1000, 'x', 1000000)")).rejects.toThrow('orders_new');
  await expect(ask("insert into orders_new values (2, 1001, 'x', 1)")).rejects.toThrow(
    'does not take this row',
  );
  expect(await ask('select count(*)::int as n from orders where id >= 1000')).toEqual([{ n: 0 }]);
  expect(await ask('select count(*)::int as n from orders_new where shop = 2 or id >= 1000')).toEqual([
    { n: 0 },
  ]);
  await ask('update orders set shop = 2 where id = 1; update orders set shop = 1 where id = 2');
  expect(await ask('select id::int from orders_new where id in (1, 2)')).toEqual([{ id: 2 }]);
  // All keys of a statement move over each other.
  await ask('update orders set id = -id where id < 100; update orders_new set id = -id where id < 0');
  expect(await ask(`${DIFFERENT} where shop <> 2`)).toEqual([]);
  await ask('truncate orders');
  expect(await ask('select count(*)::int as n from orders_new')).toEqual([{ n: 0 }]);
});

test('a shadow fails no write: what it refuses is set aside, and taken once it is corrected', async () => {
  const here = await bed();
  const shadow = (more: Partial<MirrorAction> = {}, number = 1) =>
    here.mirror({ ...SHADOW, ...more }, number);
  await done(here, shadow(), here.join());
  await ask(
    "insert into orders values (1, 1000, 'x', 1000000), (1, 1001, 'y', 1); update orders set total = 1000000 where id = 7",
  );
  expect(
    await ask("select key, sqlstate from sluice.quarantine where transfer like '%#mirror' order by key"),
  ).toEqual([
    { key: ['1', '1000'], sqlstate: '23514' },
    { key: ['1', '7'], sqlstate: '23514' },
  ]);
  // A later write that the shadow takes settles its row.
  await ask('update orders set total = 5 where id = 7');
  expect(await run(here, shadow({ do: 'settle' }))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringMatching(/orders_new refuses 1 rows.*check constraint/),
  });
  await ask('alter table orders_new drop constraint orders_new_cents_check');
  await done(here, shadow({ do: 'settle' }, 2));
  expect(await ask(DIFFERENT)).toEqual([]);
  expect(await ask('select * from sluice.quarantine')).toEqual([]);
  // The target is not read: what is written there does not come back.
  await ask("insert into orders_new values (8, 8, 'only here', 1)");
  expect(await ask("select * from orders where name = 'only here'")).toEqual([]);
  await done(here, shadow({ do: 'finish' }));
  expect(await ask(TRIGGERS)).toEqual([]);
  expect(await run(here, shadow({ do: 'finish' }))).toMatchObject({
    output: expect.stringContaining('already done'),
  });
});

test('what would stop it is said at once, and an undo of what never began keeps it from beginning', async () => {
  const here = await bed(
    `create table orders (id serial primary key, name text, code text not null);
     create table orders_new (id serial primary key, name text, cents bigint); insert into orders_new values (1)`,
  );
  const rules = { set: [{ column: 'cents', value: '1' }], omit: ['code'], back: [] };
  const outcome = await run(here, here.mirror(rules));
  expect(outcome.outcome === 'failed' && outcome.cause).toMatch(
    /4 problems.*is not empty.*"cents" is computed.*orders\.code is NOT NULL.*same number/s,
  );
  expect(await ask(TRIGGERS)).toEqual([]);
  const other = await bed();
  await done(other, other.mirror({ do: 'undo' }));
  expect(await run(other, other.mirror())).toMatchObject({ outcome: 'failed' });
  expect(await ask(TRIGGERS)).toEqual([]);
});
