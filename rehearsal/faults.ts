/** What goes wrong in a trial, by its point. */
import type { EffectJob } from '../activities/contract.js';
import type { Fault } from '../activities/faults.js';
import type { Injury, Point } from '../strategy/rehearsal/points.js';
import { actionName } from '../strategy/rehearsal/result.js';

/** What an action is taken to need of which the straight run did not measure how long it takes. */
const UNMEASURED_MS = 200;

/** Of the time that an action takes; a time limit lets it get further than a kill. */
const HALF_WAY = 0.5;
const LATE = 0.75;

/**
 * The fault of an effect, or null. `struck` is called when it is one. `command`: gives the command of a level, and
 * resolves when the run has taken it.
 */
export function faultsOf(
  point: Point,
  durations: Readonly<Record<string, number>>,
  struck: () => void,
  command: () => Promise<void>,
): (job: EffectJob) => Fault | null {
  return ({ key }) => {
    if (point.kind === 'straight' || point.kind === 'gate' || key.subject !== point.step) return null;
    if (key.purpose === 'undo') {
      // The first attempt at each of its actions is done and reported as failed, so that each is done again.
      return point.kind === 'undo-twice' && key.attempt === 1 ? { fault: 'after' } : null;
    }
    if (key.index !== point.index) return null;
    struck();
    const usual = durations[actionName(key.subject, key.index)] ?? UNMEASURED_MS;
    switch (point.kind) {
      case 'action':
        return injuryOf(point.injury, usual);
      case 'undo-twice':
        return { fault: 'after' };
      case 'level':
      case 'rollback-point':
        return { fault: 'held', until: command };
      default:
        return point satisfies never;
    }
  };
}

function injuryOf(injury: Injury, usualMs: number): Fault {
  switch (injury) {
    case 'before':
    case 'after':
      return { fault: injury };
    case 'killed':
      return { fault: injury, afterMs: usualMs * HALF_WAY };
    case 'timed-out':
      return { fault: injury, afterMs: usualMs * LATE };
    default:
      return injury satisfies never;
  }
}
