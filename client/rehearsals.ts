/** What `sluice rehearse` found, from the files that it wrote. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rehearsalsFolder } from '../strategy/layout.js';
import type { RollbackTest } from '../strategy/rehearsal/result.js';
import { SluiceError } from './error.js';

/** The trials of this plan on this host; none when it was not rehearsed here. @throws SluiceError `unreadable-file` */
export async function rehearsed(home: string, planHash: string): Promise<readonly RollbackTest[]> {
  const path = join(rehearsalsFolder(home, planHash), 'rollback_testing.json');
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    const why = error instanceof Error ? error.message : String(error);
    throw new SluiceError(
      'unreadable-file',
      `${path} cannot be read: ${why}`,
      'Rehearse again: sluice rehearse.',
      error,
    );
  }
}
