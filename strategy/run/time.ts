/** How long a run worked and how long it waited for people, kept up to date event by event. */

import { nextDue } from './afterwards.js';
import type { RunEvent } from './event.js';
import { ENDED, type MigrationView, type RunStatus } from './view.js';

const WAITING: ReadonlySet<RunStatus> = new Set(['waiting', 'paused']);

type Times = Pick<MigrationView, 'asOf' | 'worked' | 'waited'>;

/** The time since the latest event belongs to the status that the run had meanwhile. */
export function timesAfter(view: Times & Pick<MigrationView, 'status'>, event: RunEvent): Times {
  return { ...timesAt(view, Date.parse(event.at)), asOf: event.at };
}

/** The times of an open run at a later moment (milliseconds since 1970). */
export function timesAt(view: Times & Pick<MigrationView, 'status'>, now: number): Times {
  const passed = Math.max(0, now - Date.parse(view.asOf));
  if (ENDED.includes(view.status)) return { asOf: view.asOf, worked: view.worked, waited: view.waited };
  return WAITING.has(view.status)
    ? { asOf: view.asOf, worked: view.worked, waited: view.waited + passed }
    : { asOf: view.asOf, worked: view.worked + passed, waited: view.waited };
}

/** `waitingUntil` after an event: the end that a status event names; any other event of the run's progress clears it. */
export function waitingUntilAfter(
  view: Pick<MigrationView, 'waitingUntil' | 'afterwards'>,
  event: RunEvent,
): string | null {
  if (view.afterwards?.status === 'open') return nextDue(view);
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
