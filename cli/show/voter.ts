/** Whether the person at the keyboard may answer a decision, and as whom. Pure. */
import { checkBallot, type Decision, openNeeds } from '../../strategy/run/decision.js';
import { type Electorate, holdsRole } from '../../strategy/run/electorate.js';

export interface VoterIdentity {
  readonly by: string;
  /** Absent where the decision asks for nobody in particular. */
  readonly role?: string;
}

/** Who sits there: `named` when they said so themselves (--as, SLUICE_AS). */
export interface Actor {
  readonly by: string;
  readonly named: boolean;
}

/**
 * The ways in which this person may answer, one per role. A role that the bindings do not name is held by whoever
 * acts under its name; somebody who did not say who they are is offered that as well.
 */
export function possibleVoters(decision: Decision, sitter: Actor, electorate: Electorate): VoterIdentity[] {
  const seats =
    decision.needs.length === 0 ? [{ by: sitter.by }] : votersByRole(decision, sitter, electorate);
  return seats.filter((seat) =>
    decision.options.some((option) => {
      const ballot = { decision: decision.id, option, reason: 'to see whether it would count', ...seat };
      return checkBallot(decision, ballot, electorate).accepted;
    }),
  );
}

function votersByRole(decision: Decision, { by, named }: Actor, { roles }: Electorate): VoterIdentity[] {
  return openNeeds(decision).flatMap(({ role }): VoterIdentity[] => {
    if (holdsRole(roles, by, role)) return [{ by, role }];
    return named || Object.hasOwn(roles, role) ? [] : [{ by: role, role }];
  });
}
