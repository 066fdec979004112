/** A stream is carried out by roles that are no superusers and have what docs/data.md lists; what is missing is named before anything is changed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDatabases } from '../../../databases/check.js';
import type { StreamAction } from '../../../strategy/plan.js';
import { planOf, stepOf, strategyOf } from '../../strategy/support/compile-text.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { type Bed, carriedOut, LiveClient, PARTS, StreamSides } from './stream-bed.js';

const SIDES = [
  { database: 'postgres', role: 'shop_mover' },
  { database: 'other', role: 'other_mover' },
] as const;

let postgres: Postgres;
let sides: StreamSides;
beforeAll(async () => {
  postgres = await startPostgres(['-c', 'wal_level=logical', '-c', 'max_worker_processes=20']);
  const made = await StreamSides.connect({ source: postgres.url, target: postgres.url });
  await made.source.query('create database other');
  await made.source.query('create role owners');
  await made.end();
  sides = await StreamSides.connect({ source: postgres.url, target: urlOf('postgres', 'other') });
});
afterAll(async () => {
  await sides.end();
  await postgres.stop();
});

function urlOf(role: string, database: string): string {
  return postgres.url.replace('//postgres:', `//${role}:`).replace(/postgres$/, database);
}

/** One on each side, that may do nothing yet. */
async function newRoles(): Promise<void> {
  const clients = [sides.source, sides.target];
  for (const [index, { role }] of SIDES.entries()) {
    const { rowCount } = await sides.source.query('select from pg_roles where rolname = $1', [role]);
    if (rowCount === 1) {
      for (const client of clients) await client.query(`drop owned by ${role} cascade`);
      await sides.source.query(`drop role ${role}`);
    }
    await clients[index]?.query(`create role ${role} login password 'postgres'`);
  }
}

async function bedOf(relay: Partial<StreamAction>): Promise<Bed> {
  const urls = SIDES.map(({ role, database }) => urlOf(role, database));
  const bed = await sides.bed(relay, urls[0], urls[1]);
  // The schema of new tables is new as well, and only the tables are the roles' own.
  for (const [index, { role }] of SIDES.entries()) {
    const client = index === 0 ? sides.source : sides.target;
    // In the target, the role is a member of their owner.
    const owner = index === 0 ? role : 'owners';
    if (owner !== role) await client.query(`grant ${owner} to ${role}`);
    await client.query(`grant usage on schema public to ${role}, ${owner};
      alter table orders owner to ${owner}; alter table lines owner to ${owner};
      alter sequence orders_id_seq owner to ${owner}`);
  }
  return bed;
}

/** What is granted to each role for the way that the changes take. */
async function grant(more: (role: string) => string): Promise<void> {
  for (const [index, { role, database }] of SIDES.entries()) {
    const client = index === 0 ? sides.source : sides.target;
    await client.query(`alter role ${role} replication; grant create on database ${database} to ${role}`);
    await client.query(more(role));
  }
}

describe.each([
  ['subscriptions', {}, (role: string) => `grant pg_create_subscription to ${role}`],
  [
    'a relay',
    { relay: true } as const,
    (role: string) => `grant set on parameter session_replication_role to ${role}`,
  ],
])('by %s', (_, relay, more) => {
  test('roles with the grants take the writes over, back and over again, lose none, and leave nothing', async () => {
    await newRoles();
    const bed = await bedOf(relay);
    await grant(more);
    const live = new LiveClient(sides.urls, 10);
    try {
      for (const part of [PARTS.start, PARTS.cutOver, PARTS.switchBack]) {
        expect(await carriedOut(bed, bed.job(part))).toMatch(/^done/);
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
  });

  test('check --connect names each privilege that is missing, on both sides', async () => {
    await newRoles();
    await sides.bed();
    for (const client of [sides.source, sides.target])
      await client.query('grant usage on schema public to public');
    const bindings =
      'connections: { shop: { postgres: "${env:SHOP}" }, other: { postgres: "${env:OTHER}" } }';
    const item = `migration_id: DATA-1, name: Move, type: data_transformation, migration_approach: { method: online },
      source: { system: shop, tables: [orders] }, target: { system: other }, x-stream: { relay: ${'relay' in relay} }`;
    const strategy = strategyOf(
      stepOf('A', 1, 'x-uses: DATA-1'),
      `data_migration: { migrations: [{ ${item} }] }`,
    );
    const [shop, other] = SIDES.map(({ role, database }) => urlOf(role, database));
    const env = { SHOP: shop, OTHER: other };
    const place = { plan: planOf({ bindings, strategy }), workspace: '/', env };
    const found = await checkDatabases(place, new AbortController().signal);
    const errors = found.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    for (const name of ['shop', 'other']) {
      const own = errors.filter((message) => message.includes(`"${name}"`)).join('\n');
      expect(own).toContain('may not replicate');
      expect(own).toContain('may not create a publication');
      expect(own).toContain('does not own orders');
      expect(own).toContain('relay' in relay ? 'session_replication_role' : 'may not create a subscription');
    }
  });
});
