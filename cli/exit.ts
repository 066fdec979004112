/** What the command's exit code says: the one table. */
import { ENDED, type MigrationView, type RunStatus } from '../strategy/run/view.js';

export const EXIT = {
  /** Done; for `run`: completed. */
  done: 0,
  /** Problems found, a refused vote or command, or the run failed or was aborted. */
  problems: 1,
  /** Wrong usage. */
  usage: 2,
  /** The run waits for a person. */
  waits: 3,
  /** The run took everything back. */
  rolledBack: 4,
  /** No engine, or no worker, can be reached. */
  noEngine: 5,
  /** Ctrl-C before the run ended: what shells say of a process ended so. The run itself is alive. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** True when the run has come to its end for its users; a completed one may still be watched. */
export function hasEnded({ status, afterwards }: MigrationView): boolean {
  return ENDED.includes(status) && afterwards?.status !== 'beginning';
}

/** True when the run continues only after a person answers or resumes it. */
export function waitsForPerson(view: MigrationView): boolean {
  return !hasEnded(view) && (view.status === 'paused' || view.decisions.length > 0);
}

/** The exit code that a run's state stands for. */
export function exitOf(view: MigrationView): ExitCode {
  return waitsForPerson(view) ? EXIT.waits : exitOfStatus(view.status);
}

function exitOfStatus(status: RunStatus): ExitCode {
  switch (status) {
    case 'running':
    case 'waiting':
    case 'paused':
    case 'rolling_back':
    case 'completed':
      return EXIT.done;
    case 'failed':
    case 'aborted':
      return EXIT.problems;
    case 'rolled_back':
      return EXIT.rolledBack;
    default:
      return status satisfies never;
  }
}
