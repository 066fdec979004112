/** Whose votes a decision still needs, in words. */

/** A role and how many of its holders must vote. */
export interface Need {
  readonly role: string;
  readonly votes: number;
  /** Who holds it, where the bindings say so; without it, anyone who acts under the role's own name. */
  readonly members?: readonly string[];
}

/** Such as `"DBA Lead" (alice, bob) and 2 votes from "Board"`; `anyone` when nobody in particular is asked. */
export function describeNeeds(needs: readonly Need[], members: 'named' | 'unnamed' = 'unnamed'): string {
  if (needs.length === 0) return 'anyone';
  return needs
    .map((need) => {
      const holders =
        members === 'named' && need.members !== undefined ? ` (${need.members.join(', ')})` : '';
      return `${need.votes === 1 ? '' : `${need.votes} votes from `}"${need.role}"${holders}`;
    })
    .join(' and ');
}
