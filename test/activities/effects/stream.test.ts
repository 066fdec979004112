/** Tables are kept in step between two databases, switched over and back: no write is lost, and nothing is left behind. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runStream } from '../../../activities/effects/replication/stream.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import { probe, probeContextOf } from '../../../activities/probes/index.js';
import type { StreamAction } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, KEY, makePlace, type Place, runIn } from '../support.js';
import { attemptIn, untilDone } from './attempts.js';

let postgres: Postgres;
let there: pg.Client;
let here: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres(['-c', 'wal_level=logical', '-c', 'max_worker_processes=20']);
  there = new pg.Client({ connectionString: postgres.url });
  await there.connect();
  await there.query('create database other');
  here = new pg.Client({ connectionString: otherUrl() });
  await here.connect();
});
afterAll(async () => {
  await here.end();
  await there.end();
  await postgres.stop();
});

function otherUrl(): string {
  return postgres.url.replace(/postgres$/, 'other');
}

const ORDERS = { schema: 'public', table: 'orders' };
const STREAM: StreamAction = {
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

interface Bed {
  readonly place: Place;
  readonly job: (more: Partial<StreamAction>, attempt?: number) => EffectJob<StreamAction>;
}

let runs = 0;
async function bed(): Promise<Bed> {
  const empty = 'drop schema if exists sluice cascade; drop schema public cascade; create schema public;';
  await there.query(`${empty}${SOURCE}`);
  await here.query(`${empty}${TARGET}`);
  const place = await makePlace({
    connections: { shop: { postgres: postgres.url }, other: { postgres: otherUrl() } },
  });
  runs += 1;
  const context = { ...place.context, run: `run-${runs}` };
  return {
    place,
    job: (more, number = 1) => {
      const action = { ...STREAM, ...more, compare: more.part === 'cut-over' ? COMPARE : null };
      const key = { ...KEY, purpose: action.direction, attempt: number };
      return { context, key, action, timeoutMs: 120_000 };
    },
  };
}

/** The cause of a failure; the output otherwise. */
async function carriedOut(place: Bed, job: EffectJob<StreamAction>): Promise<string> {
  const outcome = await run(place, job);
  return outcome.outcome === 'done' ? `done: ${outcome.output}` : outcome.cause;
}

function run({ place }: Bed, job: EffectJob<StreamAction>): Promise<EffectOutcome> {
  return runIn(attempt(), () => runStream(place.clients, job));
}

const PARTS = {
  start: { part: 'start', direction: 'apply' },
  cutOver: { part: 'cut-over', direction: 'apply' },
  switchBack: { part: 'cut-over', direction: 'undo' },
  finish: { part: 'finish', direction: 'apply' },
  undo: { part: 'start', direction: 'undo' },
} as const;

/** Everything in the server that has the name of a stream. */
async function objects(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const client of [there, here]) {
    const { rows } = await client.query(`select 'publication' as what from pg_publication
      union all select 'slot' from pg_replication_slots where database = current_database()
      union all select 'subscription' from pg_subscription where subdbid = (select oid from pg_database where datname = current_database())
      union all select 'trigger ' || tgname from pg_trigger where tgname like 'sluice%'
      union all select 'function' from pg_proc where proname like 'sluice%'`);
    found.push(...rows.map(({ what }) => what));
  }
  return found;
}

/** The rows of both sides, in the shape of the source. */
async function both(): Promise<readonly [unknown, unknown]> {
  const query = (email: string) => `select json_agg(q order by q) as rows from (
    select 'o' || id || ' ' || ${email} || ' ' || trim_scale(total) as q from orders
    union all select 'l' || id || ' ' || n || ' ' || what from lines) q`;
  return [
    (await there.query(query('lower(email)'))).rows[0].rows,
    (await here.query(query('email'))).rows[0].rows,
  ];
}

const stopping: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stopping.splice(0)) await stop();
});

/** Writes all the time to whichever side takes writes, and remembers what was answered with success. */
function client(): { readonly written: () => number; readonly stop: () => Promise<readonly number[]> } {
  let running = true;
  let at = 0;
  const done: number[] = [];
  const writing = (async () => {
    const sides = [
      {
        client: new pg.Client({ connectionString: postgres.url }),
        sql: "('Live@X.org', $1)",
        column: 'total',
      },
      {
        client: new pg.Client({ connectionString: otherUrl() }),
        sql: "('live@x.org', $1 * 100)",
        column: 'cents',
      },
    ];
    for (const side of sides) await side.client.connect();
    try {
      for (let turn = 1; running; turn += 1) {
        const side = sides[at];
        try {
          const { rows } = await (side?.client.query(
            `insert into orders (email, ${side.column}) values ${side.sql} returning id`,
            [turn],
          ) ?? Promise.reject(new Error('no side')));
          done.push(Number(rows[0].id));
          await side?.client.query(`update lines set what = what || 'x' where id = $1 and n = 1`, [
            turn % 100,
          ]);
          await side?.client.query('delete from lines where id = $1', [2000 + (turn % 500)]);
        } catch (error) {
          // Fenced: the other side takes the writes.
          if (!(error instanceof pg.DatabaseError && error.code === '25006')) throw error;
          at = 1 - at;
        }
      }
      return done;
    } finally {
      for (const side of sides) await side.client.end();
    }
  })();
  writing.catch(() => undefined);
  stopping.push(() => {
    running = false;
    return writing.then(
      () => undefined,
      () => undefined,
    );
  });
  return {
    written: () => done.length,
    stop: () => {
      running = false;
      return writing;
    },
  };
}

test('a client that writes all the time loses no write, when the writes go over, back, over again, and the stream is finished', async () => {
  const place = await bed();
  const live = client();
  const at = (incarnation: number, part: Partial<StreamAction>): EffectJob<StreamAction> => {
    const job = place.job(part);
    return { ...job, key: { ...job.key, incarnation } };
  };
  const ways = [at(0, PARTS.start), at(0, PARTS.cutOver), at(0, PARTS.switchBack), at(1, PARTS.cutOver)];
  const counts: number[] = [];
  for (const job of ways) {
    expect(await carriedOut(place, job)).toMatch(/^done/);
    const before = live.written();
    await expect.poll(() => live.written()).toBeGreaterThan(before + 10);
    counts.push(live.written());
  }
  const written = await live.stop();
  expect(await carriedOut(place, at(1, PARTS.switchBack))).toMatch(/^done/);
  const { rows } = await there.query('select count(*)::int as n from orders where id = any ($1)', [written]);
  expect(rows[0].n).toBe(written.length);
  const [source, target] = await both();
  expect(target).toEqual(source);
  expect(await carriedOut(place, at(2, PARTS.cutOver))).toMatch(/^done/);
  expect(await carriedOut(place, at(0, PARTS.finish))).toMatch(/^done/);
  expect(await objects()).toEqual([]);
});

test('a worker that is killed at any point loses no write, and exactly one of each object is made and none is left', async () => {
  const place = await bed();
  const live = client();
  const kills: readonly (readonly [Partial<StreamAction>, readonly FaultPoint[]])[] = [
    [PARTS.start, ['after-publication', 'after-slot', 'after-subscription']],
    [PARTS.cutOver, ['after-fence', 'after-drain', 'after-switch']],
    [PARTS.switchBack, ['after-drain', 'before-switch', 'after-switch']],
    [PARTS.undo, ['after-subscription', 'after-slot']],
  ];
  for (const [part, faults] of kills) {
    const job = place.job(part);
    if (part === PARTS.undo) {
      const written = await live.stop();
      const { rows } = await there.query('select count(*)::int as n from orders where id = any ($1)', [
        written,
      ]);
      expect(rows[0].n).toBe(written.length);
    }
    for (const [index, fault] of faults.entries()) {
      expect(await attemptIn(place.place, job, index + 1, fault).outcome, fault).toBeNull();
    }
    expect(await untilDone(place.place, job, faults.length + 1)).toMatchObject({ outcome: 'done' });
    if (part === PARTS.cutOver) {
      const made = (await objects()).filter((name) => /^(?:publication|slot|subscription)$/.test(name));
      expect(made.toSorted()).toEqual([
        'publication',
        'publication',
        'slot',
        'slot',
        'subscription',
        'subscription',
      ]);
      const before = live.written();
      await expect.poll(() => live.written()).toBeGreaterThan(before + 10);
    }
  }
  expect(await objects()).toEqual([]);
  expect((await here.query('select count(*)::int as n from orders')).rows[0].n).toBe(0);
});

test('everything that would stop a stream is said at once, and nothing is changed', async () => {
  const place = await bed();
  await there.query('alter table lines drop constraint lines_pkey; alter table orders add lost text');
  await here.query("insert into orders values (1, 'x')");
  const cause = await carriedOut(place, place.job({ set: [{ column: 'cents', value: 'absent * 2' }] }));
  for (const part of ['no replica identity', 'no column "lost"', 'is not empty', 'cannot be computed']) {
    expect(cause).toContain(part);
  }
  expect(await objects()).toEqual([]);
  expect(await carriedOut(place, place.job(PARTS.undo))).toMatch(/^done/);
});

test('a changed column of the source stops the stream, TRUNCATE is refused, and rows that differ switch nothing', async () => {
  const place = await bed();
  expect(await carriedOut(place, place.job(PARTS.start))).toMatch(/^done/);
  await expect(there.query('truncate orders')).rejects.toThrow('TRUNCATE of orders is refused by sluice');
  await expect(here.query('delete from orders')).rejects.toThrow('fenced by sluice');
  await there.query('alter table orders add extra text');
  expect(await carriedOut(place, place.job(PARTS.cutOver))).toContain('extra text" is new');
  await there.query('alter table orders drop extra');
  await here.query(
    'set session_replication_role = replica; delete from orders where id = 7; reset session_replication_role',
  );
  expect(await carriedOut(place, place.job(PARTS.cutOver))).toContain('both sides are not equal');
  await there.query("insert into orders (email, total) values ('still@x.org', 1)");
  expect(await carriedOut(place, place.job(PARTS.switchBack))).toMatch(/^done/);
  expect(await carriedOut(place, place.job(PARTS.undo))).toMatch(/^done/);
  expect(await objects()).toEqual([]);
});

test('a slot that holds back too much WAL, or is gone, is seen while no step works on the stream', async () => {
  const place = await bed();
  const watched = (maxWalBytes: number) =>
    runIn(attempt(), async () => {
      const { context } = place.job({});
      const slots = { how: 'slots', item: 'DATA-1', source: 'shop', target: 'other', maxWalBytes } as const;
      const settings = { probes: [slots], baselines: {}, timeoutMs: 60_000 };
      return probe(slots, await probeContextOf(place.place.clients, context, settings));
    });
  expect(await watched(1)).toMatchObject({ verdict: 'pass', evidence: 'no slot is needed' });
  expect(await carriedOut(place, place.job(PARTS.start))).toMatch(/^done/);
  expect(await watched(10e9)).toMatchObject({ verdict: 'pass' });
  // The subscriber does not come on, and clients write.
  const [name] = (await here.query('select subname from pg_subscription')).rows.map(({ subname }) => subname);
  await here.query(`alter subscription ${name} disable`);
  await there.query("insert into orders (email, total) select 'x', n from generate_series(1, 5000) n");
  expect(await watched(200_000)).toMatchObject({
    verdict: 'fail',
    evidence: expect.stringMatching(/on shop holds back .* of WAL/),
  });
  await here.query(`alter subscription ${name} enable`);
  expect(await carriedOut(place, place.job(PARTS.cutOver))).toMatch(/^done/);
  expect(await watched(10e9)).toMatchObject({ evidence: expect.stringMatching(/on shop .*on other /) });
  await there.query(`alter subscription ${name}_back disable`);
  await there.query(`alter subscription ${name}_back set (slot_name = none)`);
  await there.query(`drop subscription ${name}_back`);
  await expect
    .poll(async () => {
      const { rows } = await here.query(
        "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name like '%\\_back' and active_pid is null",
      );
      return rows.length;
    })
    .toBe(1);
  expect(await watched(10e9)).toMatchObject({
    verdict: 'fail',
    evidence: expect.stringMatching(/on other is gone/),
  });
});
