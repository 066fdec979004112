/** Who holds roles, and who may command a run. Pure: the workflow asks here for every way in, and the faces say the same. */
import type { Authority, Delegation, Plan, RoleBinding } from '../plan.js';

/** Who holds roles, who may command, and who may not approve. */
export interface Electorate {
  readonly roles: Readonly<Record<string, RoleBinding>>;
  readonly authority: Authority;
  /** Who stands in for whom; absent without any. */
  readonly delegations?: readonly Delegation[];
  readonly submittedBy: string;
  readonly forbidSelfApproval: boolean;
  /** Present where only signed votes and commands count: the installation they must be signed for. */
  readonly installation?: string;
}

/** What is commanded, for people. */
const VERBS: Readonly<Record<keyof Authority, string>> = {
  rollback: 'roll back',
  abort: 'abort',
  pause: 'pause or resume',
  override: 'override the window of',
};

/** Who may vote on and command a run of this plan. */
export function electorateOf(
  plan: Pick<Plan, 'bindings' | 'authority' | 'delegations'>,
  submittedBy: string,
): Electorate {
  const { roles, forbidSelfApproval, identity } = plan.bindings;
  return {
    roles,
    authority: plan.authority,
    ...(plan.delegations === undefined ? {} : { delegations: plan.delegations }),
    submittedBy,
    forbidSelfApproval,
    ...(identity === undefined ? {} : { installation: identity.installation }),
  };
}

/** How a role's members name a group of the identity provider. */
export const GROUP = 'group:';

/**
 * True when `by` may act under `role`: a member of it, themselves or by a group, or, where the bindings do not name the role,
 * its namesake.
 */
export function holdsRole(
  roles: Electorate['roles'],
  by: string,
  role: string,
  groups: readonly string[] = [],
): boolean {
  const bound = Object.hasOwn(roles, role) ? roles[role] : undefined;
  if (bound === undefined) return by === role;
  return bound.members.includes(by) || groups.some((group) => bound.members.includes(GROUP + group));
}

/** The groups that count: where votes are signed, none, since no signature covers them. */
export function groupsThatCount(
  { installation }: Electorate,
  groups: readonly string[] | undefined,
): readonly string[] {
  return installation === undefined ? (groups ?? []) : [];
}

/** Why `by` may not do this to the run; null when they may. */
export function refusalOfAuthority(
  electorate: Electorate,
  command: keyof Authority,
  by: string,
  groups?: readonly string[],
): string | null {
  const { roles, authority } = electorate;
  const allowed = authority[command];
  const counting = groupsThatCount(electorate, groups);
  if (allowed.length === 0 || allowed.some((role) => holdsRole(roles, by, role, counting))) return null;
  return `${by} may not ${VERBS[command]} this run. This needs ${describeRoles(allowed, roles)}. Name yourself with --as NAME.`;
}

/** Such as `"DBA Lead" (dora, dan) or "Ops" (anyone under that name)`. */
export function describeRoles(names: readonly string[], roles: Electorate['roles']): string {
  const described = names.map((name) => {
    const bound = Object.hasOwn(roles, name) ? roles[name] : undefined;
    return `"${name}" (${bound === undefined ? 'anyone under that name' : bound.members.join(', ')})`;
  });
  return described.length < 2
    ? described.join('')
    : `${described.slice(0, -1).join(', ')} or ${described.at(-1)}`;
}
