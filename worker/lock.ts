/**
 * A lock between processes: a file that names its holder. Dead holders are found by pid and start time, and their
 * lock is taken over.
 *
 * The file appears complete (it is linked into place), so a lock without a holder does not exist. Only a lock whose
 * holder is dead is ever removed by others, and only by the process that made the guard folder beside it, so that of two who
 * find it dead none can remove the lock that the other has just made.
 */
import { linkSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatIdentity, isAlive, ownIdentity, parseIdentity } from '../activities/processes.js';
import { besideName, hasCode, readIfThere } from './files.js';

const POLL_MS = 25;
/** Removing a dead lock takes microseconds; a guard this old was left by a process that died in them. */
const GUARD_MS = 5_000;

/** Runs `work` while holding the lock; waits for it as long as its holder lives. `waiting` is called once if so. */
export async function withLock<T>(path: string, work: () => Promise<T>, waiting?: () => void): Promise<T> {
  let notified = false;
  while (!take(path)) {
    removeIfDead(path);
    if (!notified) waiting?.();
    notified = true;
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** True while a living process other than this one holds the lock. */
export function isHeldByAnother(path: string): boolean {
  const holder = parseIdentity(readIfThere(path) ?? '');
  return holder !== null && holder.pid !== process.pid && isAlive(holder);
}

function take(path: string): boolean {
  const mine = besideName(path);
  writeFileSync(mine, formatIdentity(ownIdentity()), { mode: 0o600 });
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

function removeIfDead(path: string): void {
  if (!heldByDead(path)) return;
  const guard = `${path}.guard`;
  if (!makeGuard(guard)) return;
  try {
    if (heldByDead(path)) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

function heldByDead(path: string): boolean {
  const text = readIfThere(path);
  if (text === null) return false;
  const holder = parseIdentity(text);
  return holder === null || !isAlive(holder);
}

function makeGuard(guard: string): boolean {
  try {
    mkdirSync(guard);
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    const made = statSync(guard, { throwIfNoEntry: false });
    if (made !== undefined && Date.now() - made.mtimeMs > GUARD_MS)
      rmSync(guard, { recursive: true, force: true });
    return false;
  }
}
