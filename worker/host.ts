/** The name of this host: what pins a run's commands to the machine that holds their job folders. */
import { randomBytes } from 'node:crypto';
import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { besideName, hasCode, privateFolder, readIfThere } from './files.js';

/**
 * Reads `host-id` under the home folder; made once, and then the same for every worker that shares the folder.
 * The random part keeps two machines of the same name apart, such as containers made from one image.
 */
export function hostId(home: string): string {
  privateFolder(home);
  const path = join(home, 'host-id');
  const known = readIfThere(path)?.trim();
  if (known) return known;
  const made = besideName(path);
  const name = hostname().replace(/[^A-Za-z0-9.-]/g, '-') || 'host';
  writeFileSync(made, `${name}-${randomBytes(4).toString('hex')}\n`, { mode: 0o600 });
  try {
    linkSync(made, path);
  } catch (error) {
    // Another worker was first: its name counts.
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(made, { force: true });
  }
  return (readIfThere(path) ?? name).trim();
}
