/** What would stop an online migration is found before a run. */
import { expect, test } from 'vitest';
import { checkDatabases } from '../../databases/check.js';
import { planOf, stepOf, strategyOf } from '../strategy/support/compile-text.js';
import { startPostgres } from '../support/postgres.js';

test('a server without logical WAL and a table that is missing are both said, and that a relay will run', async () => {
  const postgres = await startPostgres();
  try {
    const bindings =
      'connections: { shop: { postgres: "${env:SHOP}" }, other: { postgres: "${env:OTHER}" } }';
    const item =
      'migration_id: DATA-1, name: Move, type: data_transformation, migration_approach: { method: online }, source: { system: shop, tables: [orders] }, target: { system: other }, x-stream: { relay: true }';
    const strategy = strategyOf(
      stepOf('A', 1, 'x-uses: DATA-1'),
      `data_migration: { migrations: [{ ${item} }] }`,
    );
    const env = { SHOP: postgres.url, OTHER: postgres.url.replace(/postgres$/, 'template1') };
    const place = { plan: planOf({ bindings, strategy }), workspace: '/', env };
    const found = await checkDatabases(place, new AbortController().signal);
    const messages = found.map(({ message }) => message).join('\n');
    expect(messages).toContain('"shop" has wal_level = replica');
    expect(messages).toContain('"other" has wal_level = replica');
    expect(messages).toContain('The table orders does not exist');
    expect(found.filter(({ severity }) => severity === 'warning').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^The worker will relay the changes, because x-stream.relay says so/),
    ]);
  } finally {
    await postgres.stop();
  }
});
