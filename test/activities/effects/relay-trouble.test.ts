/** What a relay does with odd rows, refused changes, crashes of servers, and servers that cannot reach each other. */
import { connect, createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { relayReason } from '../../../activities/effects/replication/choose.js';
import { freePort } from '../../support/port.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { carriedOut, PARTS, StreamSides } from './stream-bed.js';

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

test('values, keys that change and rows that are stored apart arrive as they are', async () => {
  const bed = await sides.bed({
    relay: true,
    tables: [{ schema: 'public', table: 'odd' }],
    set: [],
    back: [],
    omit: [],
  });
  const columns =
    'id int primary key, at timestamptz, text text, bytes bytea, many text[][], doc jsonb, big text, x float8, span interval, "a""b" int';
  await sides.source.query(`create table odd (${columns}, sum int generated always as (id + 1) stored);
    insert into odd select n, '2026-01-02 03:04:05.678901+00', e'\\ufeff\\n\\t\\\\ ''x''', '\\x00ff', '{{a,NULL},{"c d","\\""}}', '{"a": [1, null]}',
      (select string_agg(md5(i::text), '') from generate_series(1, 400) i), 0.1 + n, '1 mon -2 days', n from generate_series(1, 5) n`);
  await sides.target.query(`create table odd (${columns}, sum int generated always as (id + 1) stored)`);
  const inStep = async (number: number): Promise<void> => {
    expect(await carriedOut(bed, bed.job(PARTS.start, number))).toMatch(/^done/);
    const rows = 'select md5(json_agg(odd order by id)::text) as hash, count(*)::int as n from odd';
    expect((await sides.target.query(rows)).rows).toEqual((await sides.source.query(rows)).rows);
  };
  await inStep(1);
  await sides.source.query(`insert into odd select id + 100, at - interval '1 us', text, bytes, many, doc, big, x, span, null from odd;
    update odd set id = id + 1000, doc = doc || '{"b": "\\u00e9"}' where id in (1, 101); update odd set text = text || 'x', "a""b" = null where id = 2;
    update odd set big = null where id = 3; delete from odd where id in (4, 104)`);
  await inStep(2);
  expect(await carriedOut(bed, bed.job(PARTS.undo))).toMatch(/^done/);
});

test('a change that the other side refuses stops the step with the reason, and a retry goes on with it', async () => {
  const bed = await sides.bed({ relay: true });
  expect(await carriedOut(bed, bed.job(PARTS.start))).toMatch(/^done/);
  const asReplica = async (statement: string): Promise<void> => {
    await sides.target.query(
      `set session_replication_role = replica; ${statement}; reset session_replication_role`,
    );
  };
  await asReplica('delete from lines where id = 7');
  await sides.source.query("update lines set what = 'b' where id in (6, 7, 8)");
  expect(await carriedOut(bed, bed.job(PARTS.start, 2))).toMatch(
    /^The relay applied a change of lines to 0 rows/,
  );
  await asReplica("insert into lines values (7, 1, 'a')");
  expect(await carriedOut(bed, bed.job(PARTS.cutOver))).toMatch(/^done/);
  expect(await carriedOut(bed, bed.job(PARTS.finish))).toMatch(/^done/);
});

test('servers that crash while a backlog is carried lose none of it, and apply none of it twice', async () => {
  const bed = await sides.bed({ relay: true });
  expect(await carriedOut(bed, bed.job(PARTS.start))).toMatch(/^done/);
  for (const [index, server] of servers.entries()) {
    for (let turn = 0; turn < 50; turn += 1) {
      await sides.source.query(`insert into orders (email, total) select 'a@x.org', n from generate_series(1, 20) n;
        update lines set what = what || 'x' where id between ${turn * 5 + 1} and ${turn * 5 + 5}`);
    }
    // It is in the middle of a transaction, with rows that are written and not committed.
    await sides.target.query('begin; lock table lines in share mode');
    const carrying = carriedOut(bed, bed.job(PARTS.start, index + 2));
    const waiting = 'select count(*)::int as n from pg_locks where not granted';
    await expect.poll(async () => (await sides.target.query(waiting)).rows[0].n, WITHIN).toBeGreaterThan(0);
    await server.crash();
    await server.start();
    await sides.end().catch(() => undefined);
    sides = await StreamSides.connect(sides.urls);
    await carrying;
  }
  // Who is paged retries a step whose servers were away for too long.
  await expect.poll(() => carriedOut(bed, bed.job(PARTS.cutOver)), WITHIN).toMatch(/^done/);
  const [source, target] = await sides.both();
  expect(target).toEqual(source);
  expect(await carriedOut(bed, bed.job(PARTS.finish))).toMatch(/^done/);
});

const WITHIN = { timeout: 60_000 };

test('a relay carries the changes when one server cannot reach the other, and says why', async () => {
  const door = await doorForWorkers(new URL(sides.urls.source));
  try {
    const shop = new URL(sides.urls.source);
    shop.port = String(door.port);
    const bed = await sides.bed({}, shop.toString());
    const output = await carriedOut(bed, bed.job(PARTS.start));
    expect(output).toContain('relayed by the worker, because the server of "other" cannot reach "shop"');
    const [source, target] = await sides.both();
    expect(target).toEqual(source);
    expect(await carriedOut(bed, bed.job(PARTS.undo))).toMatch(/^done/);
    expect(await sides.objects()).toEqual([]);
  } finally {
    door.close();
  }
});

/** Lets workers in, and not the servers, which say no such name. */
async function doorForWorkers(to: URL): Promise<{ readonly port: number; readonly close: () => void }> {
  const port = await freePort();
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (hello) => {
      if (!hello.includes('application_name\0sluice\0')) return socket.destroy();
      const through = connect(Number(to.port), to.hostname);
      through.on('error', () => socket.destroy());
      through.write(hello);
      return socket.pipe(through).pipe(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { port, close: () => server.close() };
}

test.each([
  [{ source: 18, target: 16 }, null],
  [{ source: 15, target: 18 }, '"shop" is Postgres 15'],
  [{ source: 17, target: 14 }, '"other" is Postgres 14'],
])('the versions %o decide about a relay', (versions, why) => {
  const found = relayReason({ connection: 'shop', to: 'other' }, versions);
  if (why === null) expect(found).toBeNull();
  else expect(found).toContain(why);
});
