/** Who uses the embedded engine: one file per process, named by its pid. Callers hold the engine's lock. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatIdentity, isAlive, ownIdentity, parseIdentity } from '../activities/processes.js';
import { readIfThere } from './files.js';

/** How often this process signed in: several engines of one process count as one user until the last signs out. */
const signedIn = new Map<string, number>();

export function signIn(folder: string): void {
  const times = (signedIn.get(folder) ?? 0) + 1;
  signedIn.set(folder, times);
  if (times === 1)
    writeFileSync(join(folder, `${process.pid}`), formatIdentity(ownIdentity()), { mode: 0o600 });
}

export function signOut(folder: string): void {
  const times = (signedIn.get(folder) ?? 0) - 1;
  signedIn.set(folder, Math.max(times, 0));
  if (times <= 0) rmSync(join(folder, `${process.pid}`), { force: true });
}

/** True when another living user is signed in. Files of the dead are removed. */
export function othersSignedIn(folder: string): boolean {
  let others = false;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const user = parseIdentity(readIfThere(path) ?? '');
    if (user !== null && isAlive(user)) others = true;
    else rmSync(path, { force: true });
  }
  return others;
}
