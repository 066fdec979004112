/**
 * Named instants at which the chaos tests kill the process, so that each promise is attacked at its weakest moment.
 * SLUICE_FAULTS may name a folder; a file in it with the name of a point is a fault that waits there. The process that comes by first
 * takes the file away, and dies. Without SLUICE_FAULTS in the environment this does nothing.
 */
import { renameSync } from 'node:fs';

export const FAULT_POINTS = [
  'before-job-folder',
  'after-job-folder',
  'before-spawn',
  'after-spawn',
  'before-claim',
  'after-claim',
  'before-started',
  'after-started',
  'before-exit-file',
  'after-exit-file',
  'before-journal-row',
  'after-journal-row',
  'before-commit',
  'after-commit',
  'before-record',
  'after-record',
  'before-return',
] as const;

/** Those of a stream between two databases, which have tests of their own. */
export const STREAM_FAULT_POINTS = [
  'after-triggers',
  'after-publication',
  'after-slot',
  'after-subscription',
  'after-fence',
  'after-drain',
  'before-switch',
  'after-switch',
  'before-copy-commit',
  'before-relay-commit',
  'after-relay-commit',
] as const;

export type FaultPoint = (typeof FAULT_POINTS | typeof STREAM_FAULT_POINTS)[number];

export function point(name: FaultPoint): void {
  const folder = process.env.SLUICE_FAULTS;
  if (folder === undefined) return;
  try {
    renameSync(`${folder}/${name}`, `${folder}/${name}.struck`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  process.kill(process.pid, 'SIGKILL');
}
