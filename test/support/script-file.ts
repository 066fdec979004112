/** A script of a workspace as a plan names it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ScriptFile } from '../../strategy/plan.js';

/** With the hash of what the file holds now; of nothing when it is missing. */
export function scriptFile(workspace: string, path: string): ScriptFile {
  const hash = createHash('sha256');
  try {
    hash.update(readFileSync(resolve(workspace, path)));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  return { path, sha256: hash.digest('hex') };
}
