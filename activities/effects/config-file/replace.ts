/** Replaces a file in one step, so that nobody ever reads half of it. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Dependencies } from '../../dependencies.js';
import { point } from '../../fault-points.js';
import { codeOf, Refusal } from '../../refusal.js';
import { resolveReferences } from '../../secrets.js';
import { syncFolder } from '../command/job.js';

export interface FileState {
  /** As the bindings write it: a reference in it stays one. */
  readonly shown: string;
  /** With symbolic links resolved: the link stays, and what it leads to is replaced. */
  readonly path: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

export function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * With `env`, references in `file` are resolved.
 * @throws Refusal when there is no such file, or it cannot be read; UnresolvedReference
 */
export async function readState(
  workspace: string,
  file: string,
  env: Dependencies['env'] | null = null,
): Promise<FileState> {
  const name = env === null ? file : await resolveReferences(file, { env, workspace });
  try {
    const path = await realpath(resolve(workspace, name));
    const bytes = await readFile(path);
    return { shown: file, path, bytes, sha256: digest(bytes) };
  } catch (error) {
    throw new Refusal(
      `${file} cannot be read (${codeOf(error)}). Provide the file on the host of the worker, and retry.`,
    );
  }
}

/**
 * Replaces the file that still has the content `from`; keeps its mode and owner. `mark` names the attempts of one effect: they share a
 * temporary file, so an attempt that was frozen finds its own gone when another one has put it in place.
 * @returns false when the file is another one by now
 * @throws Refusal when it cannot be written; the file is then as it was
 */
export async function replace(from: FileState, bytes: Buffer, mark: string): Promise<boolean> {
  const temporary = join(dirname(from.path), `.${basename(from.path)}.sluice-${mark}`);
  try {
    const { mode, uid, gid } = await stat(from.path);
    await writeSynced(temporary, bytes, mode & 0o7777, { uid, gid });
    point('before-commit');
    if (digest(await readFile(from.path)) !== from.sha256) {
      await rm(temporary, { force: true });
      return false;
    }
    await rename(temporary, from.path);
    await syncFolder(dirname(from.path));
    point('after-commit');
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    await rm(temporary, { force: true }).catch(() => {});
    throw new Refusal(
      `${from.shown} cannot be replaced (${codeOf(error)}), and is as it was. Let the user of the worker write to its folder, free some space, and retry.`,
    );
  }
}

/** Writes a file that outlives the machine. */
export async function writeSynced(
  path: string,
  bytes: Buffer | string,
  mode = 0o600,
  owner: { readonly uid: number; readonly gid: number } | null = null,
): Promise<void> {
  const file = await open(path, 'w', mode);
  try {
    if (owner !== null) await own(file, owner);
    await file.chmod(mode);
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function own(
  file: FileHandle,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const now = await file.stat();
  if (now.uid !== uid || now.gid !== gid) await file.chown(uid, gid);
}
