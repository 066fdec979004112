/** Whether the person at the keyboard may answer a decision, and as whom. Pure. */
import {
  checkBallot,
  type Decision,
  type Electorate,
  holdsRole,
  openNeeds,
} from '../../strategy/run/decision.js';

export interface Seat {
  readonly by: string;
  /** Absent where the decision asks for nobody in particular. */
  readonly role?: string;
}

/** Who sits there: `named` when they said so themselves (--as, SLUICE_AS). */
export interface Sitter {
  readonly by: string;
  readonly named: boolean;
}

/**
 * The ways in which this person may answer, one per role. A role that the bindings do not name is held by whoever
 * acts under its name; somebody who did not say who they are is offered that as well.
 */
export function seatsFor(decision: Decision, sitter: Sitter, electorate: Electorate): Seat[] {
  const seats = decision.needs.length === 0 ? [{ by: sitter.by }] : seatsByRole(decision, sitter, electorate);
  return seats.filter((seat) =>
    decision.options.some((option) => {
      const ballot = { decision: decision.id, option, reason: 'to see whether it would count', ...seat };
      return checkBallot(decision, ballot, electorate).accepted;
    }),
  );
}

function seatsByRole(decision: Decision, { by, named }: Sitter, { roles }: Electorate): Seat[] {
  return openNeeds(decision).flatMap(({ role }): Seat[] => {
    if (holdsRole(roles, by, role)) return [{ by, role }];
    return named || Object.hasOwn(roles, role) ? [] : [{ by: role, role }];
  });
}
