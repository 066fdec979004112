/** Whose votes a decision still needs, in words. */

/** A role and how many of its holders must vote. */
export interface Need {
  readonly role: string;
  readonly votes: number;
  /** Who holds it, where the bindings say so; without it, anyone who acts under the role's own name. */
  readonly members?: readonly string[];
  /** The roles that are asked besides, because this one did not answer in time; absent before. */
  readonly escalatedTo?: readonly Pick<Need, 'role' | 'members'>[];
}

/** Such as `"DBA Lead" (alice, bob) and 2 votes from "Board"`; `anyone` when nobody in particular is asked. */
export function describeNeeds(needs: readonly Need[], members: 'named' | 'unnamed' = 'unnamed'): string {
  if (needs.length === 0) return 'anyone';
  return needs
    .map((need) => {
      const name = (asked: Pick<Need, 'role' | 'members'>) =>
        `"${asked.role}"${members === 'named' && asked.members !== undefined ? ` (${asked.members.join(', ')})` : ''}`;
      const next = (need.escalatedTo ?? []).map(name).join(' and ');
      return `${need.votes === 1 ? '' : `${need.votes} votes from `}${name(need)}${next === '' ? '' : `, escalated to ${next}`}`;
    })
    .join(' and ');
}

/** Every role that a decision asks, those to which it was escalated included. */
export function rolesAsked(needs: readonly Need[]): readonly string[] {
  return needs.flatMap(({ role, escalatedTo = [] }) => [role, ...escalatedTo.map((next) => next.role)]);
}
