/**
 * In which capacity somebody answers a decision: for a role they hold, for one that was escalated to a role they hold, or
 * for a person they stand in for. Pure.
 *
 * Whoever stands in for somebody has that person's own roles and no more: what was delegated cannot be passed on.
 */
import type { Delegation } from '../plan.js';
import { type Electorate, groupsThatCount, holdsRole } from './electorate.js';
import type { Need } from './needs.js';

export interface Capacity {
  /** The role of the need that the vote counts for. */
  readonly role: string;
  /** The role it is cast under, where that is the one to which the need was escalated. */
  readonly escalatedTo?: string;
  /** Whose vote it is, where that is not the voter's own. */
  readonly onBehalfOf?: string;
}

/** Who wants to answer. */
export interface Person {
  readonly by: string;
  /** Those that an identity provider vouches for. */
  readonly groups?: readonly string[] | undefined;
}

/** Every capacity in which this person may meet one of the needs now; their own roles come first. */
export function capacitiesOf(
  needs: readonly Need[],
  { by, groups }: Person,
  electorate: Electorate,
  now: Date,
): readonly Capacity[] {
  const { roles } = electorate;
  const counting = groupsThatCount(electorate, groups);
  const seats = needs.flatMap(seatsOf);
  const own = seats.filter(({ under }) => holdsRole(roles, by, under, counting)).map(({ seat }) => seat);
  const standing = delegationsTo(electorate, by).filter((delegation) => isActive(delegation, now));
  const delegated = standing.flatMap((delegation) =>
    seats
      .filter(({ under }) => covers(delegation, under) && holdsRole(roles, delegation.from, under))
      .map(({ seat }) => ({ ...seat, onBehalfOf: delegation.from })),
  );
  return distinct([...own, ...delegated]);
}

/** Why this person has no capacity although somebody delegated to them; null when nobody did. */
export function whyNoStandIn(
  needs: readonly Need[],
  { by }: Person,
  electorate: Electorate,
  now: Date,
): string | null {
  const wanted = needs.flatMap(seatsOf).map(({ under }) => under);
  for (const delegation of delegationsTo(electorate, by)) {
    const { from, since, until } = delegation;
    const named = wanted.filter((role) => covers(delegation, role));
    const meant = named.some((role) => holdsRole(electorate.roles, from, role));
    if (meant && now.getTime() >= Date.parse(until)) {
      return `${by} stood in for ${from} until ${until}, and it is now ${now.toISOString()}.`;
    }
    if (meant && since !== null && now.getTime() < Date.parse(since)) {
      return `${by} stands in for ${from} only from ${since} on, and it is now ${now.toISOString()}.`;
    }
    const first = delegationsTo(electorate, from).find((earlier) =>
      named.some((role) => covers(earlier, role) && holdsRole(electorate.roles, earlier.from, role)),
    );
    if (!meant && first !== undefined) {
      return `${by} stands in for ${from}, who only stands in for ${first.from}: what was delegated cannot be passed on.`;
    }
  }
  return null;
}

function isActive({ since, until }: Delegation, now: Date): boolean {
  const time = now.getTime();
  return (since === null || Date.parse(since) <= time) && time < Date.parse(until);
}

function delegationsTo({ delegations = [] }: Electorate, to: string): readonly Delegation[] {
  return delegations.filter((delegation) => delegation.to === to);
}

function covers({ roles }: Delegation, role: string): boolean {
  return roles === null || roles.includes(role);
}

interface Seat {
  readonly seat: Pick<Capacity, 'role' | 'escalatedTo'>;
  /** The role that its voter holds. */
  readonly under: string;
}

function seatsOf({ role, escalatedTo = [] }: Need): readonly Seat[] {
  return [
    { seat: { role }, under: role },
    ...escalatedTo.map((next) => ({ seat: { role, escalatedTo: next.role }, under: next.role })),
  ];
}

/** One per need and person: whoever holds a role needs no escalation for it. */
function distinct(capacities: readonly Capacity[]): readonly Capacity[] {
  const key = ({ role, onBehalfOf }: Capacity) => JSON.stringify([role, onBehalfOf ?? null]);
  const found = new Map<string, Capacity>();
  for (const capacity of capacities) if (!found.has(key(capacity))) found.set(key(capacity), capacity);
  return [...found.values()];
}
