/** From an older server the worker relays, without being told: no write is lost on the way there and back. Skipped without its package. */
import { describe, expect, test } from 'vitest';
import { hasPostgres, startOldPostgres } from '../../support/old-postgres.js';
import { startPostgres } from '../../support/postgres.js';
import { carriedOut, LiveClient, PARTS, StreamSides } from './stream-bed.js';

describe.each([13, 14, 15])(
  'from Postgres %i, whose package is installed as test/support/old-postgres.ts says',
  (major) => {
    test.skipIf(!hasPostgres(major))(
      'writes go over, back and over again, none is lost, and nothing is left',
      async () => {
        const logical = ['-c', 'wal_level=logical'];
        const young = await startPostgres(logical);
        const old = await startOldPostgres(major, logical);
        const sides = await StreamSides.connect({ source: old.url, target: young.url });
        try {
          const bed = await sides.bed();
          const live = new LiveClient(sides.urls, 10);
          try {
            for (const part of [PARTS.start, PARTS.cutOver, PARTS.switchBack]) {
              const said = await carriedOut(bed, bed.job(part));
              expect(said).toMatch(/^done/);
              if (part === PARTS.start) expect(said).toContain(`because "shop" is Postgres ${major}`);
              const before = live.written;
              await expect.poll(() => live.written).toBeGreaterThan(before + 5);
            }
          } finally {
            const written = await live.stop();
            expect(await sides.ordersOf(written)).toBe(written.length);
          }
          const again = bed.job(PARTS.cutOver);
          expect(await carriedOut(bed, { ...again, key: { ...again.key, incarnation: 1 } })).toMatch(/^done/);
          const [source, target] = await sides.both();
          expect(target).toEqual(source);
          expect(await carriedOut(bed, bed.job(PARTS.finish))).toMatch(/^done/);
          expect(await sides.objects()).toEqual([]);
        } finally {
          await sides.end();
          await old.stop();
          await young.stop();
        }
      },
    );
  },
);
