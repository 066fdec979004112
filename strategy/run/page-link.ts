/** Where the dashboard shows a run or a decision. A link only leads there: to open it never votes. */

/** `base`: the address of a dashboard. Without a decision, the page of the run. */
export function pageLink(base: string, run: string, decision: string | null): string {
  const page = `${base.replace(/\/+$/, '')}/runs/${encodeURIComponent(run)}`;
  return decision === null ? page : `${page}/decisions/${encodeURIComponent(decision)}`;
}

/**
 * The address of the dashboard as links may name it: the public one, else that of the dashboard which this home hosts, without
 * the token that lets its reader in. Null where neither is known.
 */
export function dashboardBase(publicUrl: string | undefined, hosted: string | null): string | null {
  if (publicUrl) return publicUrl;
  return hosted !== null && URL.canParse(hosted) ? new URL(hosted).origin : null;
}
