/**
 * Named instants at which the chaos tests kill the process, so that each promise is attacked at its weakest moment.
 * Without SLUICE_FAULT_POINT in the environment this does nothing. SLUICE_FAULT_ONCE may name a file: it is created when
 * the fault strikes, and while it exists none does.
 */
import { existsSync, writeFileSync } from 'node:fs';

export type FaultPoint =
  | 'before-job-folder'
  | 'after-job-folder'
  | 'before-spawn'
  | 'after-spawn'
  | 'before-claim'
  | 'after-claim'
  | 'before-started'
  | 'after-started'
  | 'before-exit-file'
  | 'after-exit-file'
  | 'before-journal-row'
  | 'after-journal-row'
  | 'before-commit'
  | 'after-commit'
  | 'before-return';

export function point(name: FaultPoint): void {
  if (process.env.SLUICE_FAULT_POINT !== name) return;
  const once = process.env.SLUICE_FAULT_ONCE;
  if (once !== undefined) {
    if (existsSync(once)) return;
    writeFileSync(once, name);
  }
  process.kill(process.pid, 'SIGKILL');
}
