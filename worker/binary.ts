/**
 * Where the Temporal server binary comes from. Looked up in this order, cheapest first:
 * SLUICE_TEMPORAL_BIN, `temporal` on PATH, the cache, Temporal's download service, a build from its Go module.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ExecaError, execa } from 'execa';
import { cacheFolder } from '../strategy/layout.js';
import { buildBinary } from './build-binary.js';
import { downloadBinary } from './download-binary.js';
import { privateFolder } from './files.js';
import { withLock } from './lock.js';
import type { Found, Lookup } from './lookup.js';

/** The release that is downloaded or built, and that is tested with. */
export const CLI_VERSION = '1.8.2';

/** No server binary can be had. The message names everything that was tried, and what to do. */
export class EngineUnavailable extends Error {
  override readonly name = 'EngineUnavailable';

  constructor(
    what: string,
    readonly tried: readonly { readonly way: string; readonly why: string }[],
  ) {
    const list = tried.map(({ way, why }) => `  - ${way}: ${why}`).join('\n');
    super(
      `${what}\n${list}\nInstall the Temporal CLI (https://docs.temporal.io/cli) or Go 1.26, or name a binary with ` +
        'SLUICE_TEMPORAL_BIN, or name a Temporal cluster with TEMPORAL_ADDRESS.',
    );
  }
}

/** The path of a `temporal` that can start a server. @throws EngineUnavailable */
export async function findBinary(lookup: Lookup): Promise<string> {
  const named = lookup.env.SLUICE_TEMPORAL_BIN;
  if (named) return onlyThis(named);
  const folder = cacheFolder(lookup.env);
  const cached = cachedBinary(lookup.env);
  const ways: readonly { readonly way: string; readonly find: () => Promise<Found> }[] = [
    { way: '"temporal" on PATH', find: () => onPath(lookup.env) },
    { way: 'the cache', find: () => usable(cached) },
    {
      way: "Temporal's download service",
      find: () => downloadBinary(folder, cached, CLI_VERSION, lookup.log),
    },
    { way: 'a build from its Go module', find: () => buildBinary(folder, cached, CLI_VERSION, lookup) },
  ];
  const tried: { way: string; why: string }[] = [];
  for (const { way, find } of ways.slice(0, 2)) {
    const found = await find();
    if ('path' in found) return found.path;
    tried.push({ way, why: found.why });
  }
  privateFolder(folder);
  return withLock(
    `${cached}.lock`,
    async () => {
      // Another process may have filled the cache while this one waited for the lock.
      const filled = await usable(cached);
      if ('path' in filled) return filled.path;
      for (const { way, find } of ways.slice(2)) {
        const found = await find();
        if ('path' in found) return found.path;
        tried.push({ way, why: found.why });
      }
      throw new EngineUnavailable('No Temporal server was found. Tried:', tried);
    },
    () => lookup.log('waiting for another sluice that is fetching the Temporal server'),
  );
}

/** Where a downloaded or built binary is kept, once for all homes of the user. */
export function cachedBinary(env: Lookup['env']): string {
  return join(cacheFolder(env), `temporal-${CLI_VERSION}`);
}

async function onlyThis(path: string): Promise<string> {
  const found = await usable(path);
  if ('path' in found) return found.path;
  const tried = [{ way: `SLUICE_TEMPORAL_BIN=${path}`, why: found.why }];
  throw new EngineUnavailable('The Temporal server named by SLUICE_TEMPORAL_BIN cannot be used.', tried);
}

async function onPath(env: Lookup['env']): Promise<Found> {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const path = folders
    .map((folder) => join(folder, 'temporal'))
    .find((file) => whyNotExecutable(file) === null);
  return path === undefined ? { why: 'not there' } : usable(path);
}

/** Asks the program itself: another program of that name, or one too old to start a server, says no. */
async function usable(path: string): Promise<Found> {
  const why = whyNotExecutable(path);
  if (why !== null) return { why };
  try {
    await execa(path, ['server', 'start-dev', '--help'], { timeout: 20_000, stdin: 'ignore' });
    return { path };
  } catch (error) {
    const message = error instanceof ExecaError ? error.shortMessage : String(error);
    return { why: `${path} cannot start a server (${message})` };
  }
}

function whyNotExecutable(path: string): string | null {
  try {
    accessSync(path, constants.X_OK);
    return null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES')
      return `${path} is not executable`;
    return `${path} does not exist`;
  }
}
