/** A worker carries the changes where the servers cannot: no write is lost or done twice, and nothing is left behind. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { EffectJob } from '../../../activities/contract.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { StreamAction } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attemptIn } from './attempts.js';
import { carriedOut, LiveClient, PARTS, StreamSides } from './stream-bed.js';

const servers: Postgres[] = [];
let sides: StreamSides;
beforeAll(async () => {
  const logical = ['-c', 'wal_level=logical'];
  servers.push(...(await Promise.all([startPostgres(logical), startPostgres(logical)])));
  const [source, target] = servers;
  sides = await StreamSides.connect({ source: source?.url ?? '', target: target?.url ?? '' });
});
afterAll(async () => {
  await sides.end();
  for (const server of servers) await server.stop();
});

const clients: LiveClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.stop().catch(() => undefined);
});

function newClient(): LiveClient {
  const client = new LiveClient(sides.urls, 10);
  clients.push(client);
  return client;
}

test('a client that writes all the time loses no write, when the writes go over, back, over again, and the stream is finished', async () => {
  const bed = await sides.bed({ relay: true });
  const live = newClient();
  const at = (incarnation: number, part: Partial<StreamAction>): EffectJob<StreamAction> => {
    const job = bed.job(part);
    return { ...job, key: { ...job.key, incarnation } };
  };
  const ways = [at(0, PARTS.start), at(0, PARTS.cutOver), at(0, PARTS.switchBack), at(1, PARTS.cutOver)];
  for (const job of ways) {
    expect(await carriedOut(bed, job)).toMatch(/^done/);
    const before = live.written;
    await expect.poll(() => live.written).toBeGreaterThan(before + 10);
  }
  const written = await live.stop();
  expect(await carriedOut(bed, at(1, PARTS.switchBack))).toMatch(/^done/);
  expect(await sides.ordersOf(written)).toBe(written.length);
  const [source, target] = await sides.both();
  expect(target).toEqual(source);
  expect(await carriedOut(bed, at(2, PARTS.cutOver))).toMatch(/^done/);
  expect(await carriedOut(bed, at(0, PARTS.finish))).toMatch(/^done/);
  expect(await sides.objects()).toEqual([]);
});

test('a worker that is killed at any point loses no write and applies none twice, and nothing is left', async () => {
  const bed = await sides.bed({ relay: true });
  const live = newClient();
  const kills: readonly (readonly [Partial<StreamAction>, readonly FaultPoint[]])[] = [
    [PARTS.start, ['before-copy-commit']],
    [PARTS.cutOver, ['before-relay-commit', 'after-relay-commit', 'after-fence']],
    [PARTS.switchBack, ['after-relay-commit', 'after-slot']],
    [PARTS.undo, []],
  ];
  for (const [part, faults] of kills) {
    const job = bed.job(part);
    if (part === PARTS.undo) {
      const written = await live.stop();
      expect(await sides.ordersOf(written)).toBe(written.length);
    }
    for (const [index, fault] of faults.entries()) {
      expect(
        await attemptIn(bed.place, job, index + 1, fault).outcome,
        `${job.action.part} ${fault}`,
      ).toBeNull();
    }
    expect(await carriedOut(bed, job)).toMatch(/^done/);
    const before = live.written;
    if (part !== PARTS.undo) await expect.poll(() => live.written).toBeGreaterThan(before + 10);
  }
  expect(await sides.objects()).toEqual([]);
  expect((await sides.target.query('select count(*)::int as n from orders')).rows[0].n).toBe(0);
});
