/** `sluice.conflicts` in the target: rows that both sides changed since they last agreed, with both versions and what was decided. */
import type { SyncAction } from '../../../strategy/plan.js';
import type { Session } from '../../sql/session.js';
import type { Flow } from './flow.js';
import { imagesNow } from './images.js';
import { type Key, readKeys } from './keys.js';

export type Rule = NonNullable<SyncAction['conflicts']>;

export type Chosen = 'source' | 'target';

/** The keys that wait for a person, as JSON. */
export async function heldKeys({ id, to }: Flow): Promise<ReadonlySet<string>> {
  const { rows } = await to.session.query(
    "select to_json(key)::text as key from sluice.conflicts where sync = $1 and state = 'open'",
    [id],
  );
  return new Set(readKeys(rows).map((key) => JSON.stringify(key)));
}

export async function openConflicts({ id, to }: Flow): Promise<number> {
  const query = "select count(*)::text as rows from sluice.conflicts where sync = $1 and state = 'open'";
  return Number((await to.session.query(query, [id])).rows[0]?.rows ?? 0);
}

/** The keys that the source won in the round that began at these marks, as JSON. */
export async function wonBySource({ id, to }: Flow, base: string): Promise<ReadonlySet<string>> {
  const { rows } = await to.session.query(
    "select to_json(key)::text as key from sluice.conflicts where sync = $1 and base = $2 and rule = 'source_wins'",
    [id, base],
  );
  return new Set(readKeys(rows).map((key) => JSON.stringify(key)));
}

/**
 * Notes those of the keys whose rows really differ. Returns them, as JSON. A repeat of the round notes none twice, but one with another
 * row once more: that would be overwritten, too. Both sides having made the same change is no conflict.
 */
export async function noteConflicts(
  forward: Flow,
  item: string,
  rule: Rule,
  base: string,
  keys: readonly Key[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const { id, from, to } = forward;
  const imagesOf = await imagesNow(forward, keys);
  const found = new Set<string>();
  for (const key of keys) {
    const { source, target } = imagesOf(key);
    if (source === target) continue;
    found.add(JSON.stringify(key));
    const decided = { source_wins: 'source', target_wins: 'target', manual: null }[rule];
    await to.session.query(
      `insert into sluice.conflicts (sync, item, source_table, key, source, target, rule, chosen, state, base) values ($1, $2, $3, $4::text[], $5::jsonb, $6::jsonb, $7, $8, $9, $10)
on conflict do nothing`,
      [
        ...[id, item, from.table.name, key, source, target, rule, decided],
        ...[decided === null ? 'open' : 'closed', base],
      ],
    );
  }
  return found;
}

export interface Conflict {
  readonly id: string;
  readonly key: Key;
  /** As a person was shown it. */
  readonly source: string | null;
  readonly target: string | null;
  readonly chosen: Chosen | null;
}

/** The oldest ones first. `which`: an SQL condition. */
export async function conflictsWhere(
  { id, to }: Flow,
  which: string,
  values: readonly unknown[] = [],
  limit = 'all',
): Promise<readonly Conflict[]> {
  const { rows } = await to.session.query(
    `select id::text, to_json(key)::text as key, source::text, target::text, chosen from sluice.conflicts
where sync = $1 and state = 'open' and ${which} order by conflicts.id limit ${limit}`,
    [id, ...values],
  );
  return rows.flatMap((row) => {
    const [key] = readKeys([row]);
    if (key === undefined || row.id == null) return [];
    return [
      {
        ...{ id: row.id, key, source: row.source ?? null, target: row.target ?? null },
        chosen: row.chosen === 'source' || row.chosen === 'target' ? row.chosen : null,
      },
    ];
  });
}

/** It is as decided now. */
export async function closeConflict(session: Session, conflict: Pick<Conflict, 'id'>): Promise<void> {
  await session.query(
    "update sluice.conflicts set state = 'closed', by = coalesce(by, current_user), at = now() where id = $1 and state = 'open'",
    [conflict.id],
  );
}

/** It is asked about again, with the reason why nothing has come of the decision. */
export async function askAgain(session: Session, { id }: Pick<Conflict, 'id'>, note: string): Promise<void> {
  await session.query(
    "update sluice.conflicts set chosen = null, batch = null, note = $2 where id = $1 and state = 'open'",
    [id, note],
  );
}
