/** The world as compiling sees it: the workspace on this host's disk, and Postgres's own parser. */
import { createHash } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { FileFact, WorkspaceReader } from '../strategy/workspace-reader.js';
import { postgresParser } from './postgres-parser.js';
import { ProgramPath } from './program-path.js';

/** What lies around a strategy in this folder. */
export async function workspaceReader(workspace: string): Promise<WorkspaceReader> {
  const sqlError = await postgresParser();
  const root = realpathSync(workspace);
  const programs = new ProgramPath(root, process.env);
  return {
    file: (path) => factOf(root, path),
    sha256: (path) => hashOf(root, path),
    names: (folder) => namesIn(root, folder),
    sqlError,
    program: (name, path) => programs.find(name, path),
  };
}

function factOf(root: string, path: string): FileFact | null {
  const place = resolve(root, path);
  // Nothing is looked up outside, so that a strategy cannot probe this machine for what is there.
  if (leaves(root, place)) return { kind: 'file', executable: false, shebang: false, outside: true };
  const real = unlessMissing(() => realpathSync(place));
  if (real === null) return null;
  if (leaves(root, real)) return { kind: 'file', executable: false, shebang: false, outside: true };
  const stat = unlessMissing(() => statSync(real));
  if (stat === null) return null;
  if (stat.isDirectory()) return { kind: 'folder', executable: false, shebang: false, outside: false };
  // A pipe or a device is no script, and reading one could hang.
  if (!stat.isFile()) return null;
  return { kind: 'file', executable: isExecutable(real), shebang: startsWithShebang(real), outside: false };
}

function hashOf(root: string, path: string): string | null {
  const fact = factOf(root, path);
  if (fact === null || fact.kind !== 'file' || fact.outside) return null;
  return unlessMissing(() => hashFile(resolve(root, path)));
}

const piece = Buffer.allocUnsafe(64 * 1024);

/** In pieces, since a script may be a dump of any size. */
function hashFile(path: string): string {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      hash.update(piece.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

function namesIn(root: string, folder: string): readonly string[] {
  const fact = factOf(root, folder);
  if (fact === null || fact.kind !== 'folder' || fact.outside) return [];
  return unlessMissing(() => readdirSync(join(root, folder)).sort()) ?? [];
}

function leaves(root: string, place: string): boolean {
  const way = relative(root, place);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM', 'ENOENT')) return false;
    throw error;
  }
}

function startsWithShebang(path: string): boolean {
  const file = unlessMissing(() => openSync(path, 'r'));
  if (file === null) return false;
  try {
    const start = Buffer.alloc(2);
    return readSync(file, start, 0, 2, 0) === 2 && start.toString('latin1') === '#!';
  } finally {
    closeSync(file);
  }
}

/** The result, or null when the path does not lead to something that this user can look at. */
function unlessMissing<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'))
      return null;
    throw error;
  }
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  );
}
