/** Differences that a person has settled: a row that was kept, or set to a value of its own, is none while neither side changes. */
import type { Session } from '../sql/session.js';
import type { Difference } from './differences.js';

/** Whose reviews count: those of one run; null for all. */
export type Scope = { readonly run: string; readonly execution: string } | null;

export interface Settled {
  readonly remaining: readonly Difference[];
  readonly kept: number;
}

/** Throws what the database answers. */
export async function withoutKept(
  target: Session,
  item: string,
  differences: readonly Difference[],
  scope: Scope,
): Promise<Settled> {
  if (differences.length === 0 || !(await mayRead(target))) return { remaining: differences, kept: 0 };
  const { rows } = await target.query(
    `select target, key::text as key, source_seen::text as there, target_seen::text as seen from sluice.review
where item = $1 and (status = 'kept' or (status = 'applied' and stated is not null))
  and ($2::text is null or (run = $2 and execution = $3))`,
    [item, scope?.run ?? null, scope?.execution ?? null],
  );
  const settled = new Set(
    rows.map(({ target: table, key, there, seen }) =>
      JSON.stringify([table, parse(key), parse(there), parse(seen)]),
    ),
  );
  const remaining = differences.filter(
    ({ table, key, there, seen }) =>
      !settled.has(JSON.stringify([table, parse(key), there ?? null, seen ?? null])),
  );
  return { remaining, kept: differences.length - remaining.length };
}

function parse(json: string | null | undefined): unknown {
  return json == null ? null : JSON.parse(json);
}

async function mayRead(session: Session): Promise<boolean> {
  const query =
    "select coalesce(has_table_privilege(to_regclass('sluice.review'), 'select'), false)::text as may";
  return (await session.query(query)).rows[0]?.may === 'true';
}
