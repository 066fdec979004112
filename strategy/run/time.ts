/** How long a run worked and how long it waited for people, kept up to date event by event. */
import type { RunEvent } from './event.js';
import type { MigrationView, RunStatus } from './view.js';

const WAITING: ReadonlySet<RunStatus> = new Set(['waiting', 'paused']);

type Times = Pick<MigrationView, 'asOf' | 'worked' | 'waited'>;

/** The time since the latest event belongs to the status that the run had meanwhile. */
export function timesAfter(view: Times & Pick<MigrationView, 'status'>, event: RunEvent): Times {
  return { ...timesAt(view, Date.parse(event.at)), asOf: event.at };
}

/** The times of an open run at a later moment (milliseconds since 1970). */
export function timesAt(view: Times & Pick<MigrationView, 'status'>, now: number): Times {
  const passed = Math.max(0, now - Date.parse(view.asOf));
  return WAITING.has(view.status)
    ? { asOf: view.asOf, worked: view.worked, waited: view.waited + passed }
    : { asOf: view.asOf, worked: view.worked + passed, waited: view.waited };
}

/** `waitingUntil` after an event: the end that a status event names; any other event of the run's progress clears it. */
export function waitingUntilAfter(view: Pick<MigrationView, 'waitingUntil'>, event: RunEvent): string | null {
  switch (event.type) {
    case 'run-status':
    case 'step-status':
      return event.until ?? null;
    case 'step-started':
    case 'rollback-started':
    case 'run-ended':
    case 'returned':
      return null;
    default:
      return view.waitingUntil;
  }
}
