/** Tables are kept in step between two databases, switched over and back: no write is lost, and nothing is left behind. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { EffectJob } from '../../../activities/contract.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import { probe, probeContextOf } from '../../../activities/probes/index.js';
import type { StreamAction } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, runIn } from '../support.js';
import { attemptIn, untilDone } from './attempts.js';
import { carriedOut, LiveClient, PARTS, StreamSides } from './stream-bed.js';

let postgres: Postgres;
let sides: StreamSides;
beforeAll(async () => {
  postgres = await startPostgres(['-c', 'wal_level=logical', '-c', 'max_worker_processes=20']);
  const made = await StreamSides.connect({ source: postgres.url, target: postgres.url });
  await made.source.query('create database other');
  await made.end();
  const target = postgres.url.replace(/postgres$/, 'other');
  sides = await StreamSides.connect({ source: postgres.url, target });
});
afterAll(async () => {
  await sides.end();
  await postgres.stop();
});

const clients: LiveClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.stop().catch(() => undefined);
});

function newClient(): LiveClient {
  const client = new LiveClient(sides.urls);
  clients.push(client);
  return client;
}

test('a client that writes all the time loses no write, when the writes go over, back, over again, and the stream is finished', async () => {
  const place = await sides.bed();
  const live = newClient();
  const at = (incarnation: number, part: Partial<StreamAction>): EffectJob<StreamAction> => {
    const job = place.job(part);
    return { ...job, key: { ...job.key, incarnation } };
  };
  const ways = [at(0, PARTS.start), at(0, PARTS.cutOver), at(0, PARTS.switchBack), at(1, PARTS.cutOver)];
  const counts: number[] = [];
  for (const job of ways) {
    expect(await carriedOut(place, job)).toMatch(/^done/);
    const before = live.written;
    await expect.poll(() => live.written).toBeGreaterThan(before + 10);
    counts.push(live.written);
  }
  const written = await live.stop();
  expect(await carriedOut(place, at(1, PARTS.switchBack))).toMatch(/^done/);
  expect(await sides.ordersOf(written)).toBe(written.length);
  const [source, target] = await sides.both();
  expect(target).toEqual(source);
  expect(await carriedOut(place, at(2, PARTS.cutOver))).toMatch(/^done/);
  expect(await carriedOut(place, at(0, PARTS.finish))).toMatch(/^done/);
  expect(await sides.objects()).toEqual([]);
});

test('a worker that is killed at any point loses no write, and exactly one of each object is made and none is left', async () => {
  const place = await sides.bed();
  const live = newClient();
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
      expect(await sides.ordersOf(written)).toBe(written.length);
    }
    for (const [index, fault] of faults.entries()) {
      expect(await attemptIn(place.place, job, index + 1, fault).outcome, fault).toBeNull();
    }
    expect(await untilDone(place.place, job, faults.length + 1)).toMatchObject({ outcome: 'done' });
    if (part === PARTS.cutOver) {
      const made = (await sides.objects()).filter((name) => /^(?:publication|slot|subscription)$/.test(name));
      expect(made.toSorted()).toEqual([
        'publication',
        'publication',
        'slot',
        'slot',
        'subscription',
        'subscription',
      ]);
      const before = live.written;
      await expect.poll(() => live.written).toBeGreaterThan(before + 10);
    }
  }
  expect(await sides.objects()).toEqual([]);
  expect((await sides.target.query('select count(*)::int as n from orders')).rows[0].n).toBe(0);
});

test('everything that would stop a stream is said at once, and nothing is changed', async () => {
  const place = await sides.bed();
  await sides.source.query('alter table lines drop constraint lines_pkey; alter table orders add lost text');
  await sides.target.query("insert into orders values (1, 'x')");
  const cause = await carriedOut(place, place.job({ set: [{ column: 'cents', value: 'absent * 2' }] }));
  for (const part of ['no replica identity', 'no column "lost"', 'is not empty', 'cannot be computed']) {
    expect(cause).toContain(part);
  }
  expect(await sides.objects()).toEqual([]);
  expect(await carriedOut(place, place.job(PARTS.undo))).toMatch(/^done/);
});

test('a changed column of the source stops the stream, TRUNCATE is refused, and rows that differ switch nothing', async () => {
  const place = await sides.bed();
  expect(await carriedOut(place, place.job(PARTS.start))).toMatch(/^done/);
  await expect(sides.source.query('truncate orders')).rejects.toThrow(
    'TRUNCATE of orders is refused by sluice',
  );
  await expect(sides.target.query('delete from orders')).rejects.toThrow('fenced by sluice');
  await sides.source.query('alter table orders add extra text');
  expect(await carriedOut(place, place.job(PARTS.cutOver))).toContain('extra text" is new');
  await sides.source.query('alter table orders drop extra');
  await sides.target.query(
    'set session_replication_role = replica; delete from orders where id = 7; reset session_replication_role',
  );
  expect(await carriedOut(place, place.job(PARTS.cutOver))).toContain('both sides are not equal');
  await sides.source.query("insert into orders (email, total) values ('still@x.org', 1)");
  expect(await carriedOut(place, place.job(PARTS.switchBack))).toMatch(/^done/);
  expect(await carriedOut(place, place.job(PARTS.undo))).toMatch(/^done/);
  expect(await sides.objects()).toEqual([]);
});

test('a slot of the initial copy that a lost server has left behind is dropped with the rest, and no other one', async () => {
  const place = await sides.bed();
  expect(await carriedOut(place, place.job(PARTS.start))).toMatch(/^done/);
  // As Postgres leaves it when the publisher cannot be reached while the subscription is dropped.
  const { rows } = await sides.target.query(
    "select system_identifier as system, 'orders'::regclass::oid as orders from pg_control_system()",
  );
  const left = (table: string) => `pg_4000000000_sync_${table}_${rows[0].system}`;
  for (const table of [rows[0].orders, '1'])
    await sides.source.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [left(table)]);
  expect(await carriedOut(place, place.job(PARTS.undo))).toMatch(/^done/);
  expect(await sides.objects()).toEqual(['slot']);
  await sides.source.query('select pg_drop_replication_slot($1)', [left('1')]);
});

test('a slot that holds back too much WAL, or is gone, is seen while no step works on the stream', async () => {
  const place = await sides.bed();
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
  const [name] = (await sides.target.query('select subname from pg_subscription')).rows.map(
    ({ subname }) => subname,
  );
  await sides.target.query(`alter subscription ${name} disable`);
  await sides.source.query("insert into orders (email, total) select 'x', n from generate_series(1, 5000) n");
  expect(await watched(200_000)).toMatchObject({
    verdict: 'fail',
    evidence: expect.stringMatching(/on shop holds back .* of WAL/),
  });
  await sides.target.query(`alter subscription ${name} enable`);
  expect(await carriedOut(place, place.job(PARTS.cutOver))).toMatch(/^done/);
  expect(await watched(10e9)).toMatchObject({ evidence: expect.stringMatching(/on shop .*on other /) });
  await sides.source.query(`alter subscription ${name}_back disable`);
  await sides.source.query(`alter subscription ${name}_back set (slot_name = none)`);
  await sides.source.query(`drop subscription ${name}_back`);
  await expect
    .poll(async () => {
      const { rows } = await sides.target.query(
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
