/** Whether somebody may answer a decision now, under which role, and with which options. Pure. */
import { checkBallot } from './ballot.js';
import { type Capacity, capacitiesOf } from './capacity.js';
import { type DecisionSummary, type Option, openNeeds } from './decision.js';
import type { Electorate } from './electorate.js';

/** One way to answer. */
export interface Voter {
  readonly by: string;
  /** Absent where the decision asks for nobody in particular. */
  readonly role?: string;
  /** Whose vote it would be, where they stand in for somebody. */
  readonly onBehalfOf?: string;
  /** Those that would count: who submitted the run may not have all of them. */
  readonly options: readonly Option[];
}

/** Who acts: `named` when they said so themselves (--as, SLUICE_AS). */
export interface Actor {
  readonly by: string;
  readonly named: boolean;
  /** Those that an identity provider vouches for. */
  readonly groups?: readonly string[] | undefined;
}

/**
 * The ways in which this person may answer, one per role. A role that the bindings do not name is held by anyone who
 * acts under its name; somebody who did not say who they are is offered that as well.
 */
export function possibleVoters(
  decision: DecisionSummary,
  actor: Actor,
  electorate: Electorate,
  now: Date,
): readonly Voter[] {
  const identities =
    decision.needs.length === 0 ? [{ by: actor.by }] : identitiesByRole(decision, actor, electorate, now);
  return identities
    .map((identity) => ({
      ...identity,
      options: optionsOf(decision, { ...identity, groups: actor.groups }, electorate, now),
    }))
    .filter(({ options }) => options.length > 0);
}

/** Why this person may answer nothing here now, in the words in which their vote would be refused; null when they may. */
export function refusalOfVoter(
  decision: DecisionSummary,
  actor: Actor,
  electorate: Electorate,
  now: Date,
): string | null {
  if (possibleVoters(decision, actor, electorate, now).length > 0) return null;
  const [option = ''] = decision.options;
  const { by, groups } = actor;
  const ballot = { decision: decision.id, option, by, groups, reason: 'to see why it would not count' };
  const check = checkBallot(decision, ballot, electorate, now);
  return check.accepted ? null : check.why;
}

type Identity = Pick<Voter, 'by' | 'role' | 'onBehalfOf'>;

function identitiesByRole(
  decision: DecisionSummary,
  actor: Actor,
  electorate: Electorate,
  now: Date,
): readonly Identity[] {
  const { by, named } = actor;
  return openNeeds(decision).flatMap((need): readonly Identity[] => {
    const capacities = capacitiesOf([need], actor, electorate, now);
    const own = capacities.filter(({ onBehalfOf }) => onBehalfOf === undefined);
    const found = own.length > 0 ? own : capacities;
    if (found.length > 0) return found.map((capacity) => identityIn(capacity, by));
    const { role } = need;
    return named || Object.hasOwn(electorate.roles, role) ? [] : [{ by: role, role }];
  });
}

function identityIn({ role, escalatedTo, onBehalfOf }: Capacity, by: string): Identity {
  return { by, role: escalatedTo ?? role, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
}

function optionsOf(
  decision: DecisionSummary,
  identity: Identity & Pick<Actor, 'groups'>,
  electorate: Electorate,
  now: Date,
): readonly Option[] {
  return decision.options.filter((option) => {
    const ballot = { decision: decision.id, option, reason: 'to see whether it would count', ...identity };
    return checkBallot(decision, ballot, electorate, now).accepted;
  });
}
