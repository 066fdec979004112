/** All gates of a phase: its validation gates, then its own. */

export interface WithGates<Placed, Own = Placed> {
  readonly gate: Own | null;
  readonly gates?: readonly Placed[];
}

export function gatesOf<Placed, Own>({
  gate,
  gates = [],
}: WithGates<Placed, Own>): readonly (Placed | Own)[] {
  return gate === null ? gates : [...gates, gate];
}

/** The validation gates behind a step; of null, those before the first step. */
export function gatesAfter<Placed extends { readonly after?: string | null }>(
  { gates = [] }: { readonly gates?: readonly Placed[] },
  step: string | null,
): readonly Placed[] {
  return gates.filter(({ after = null }) => after === step);
}
