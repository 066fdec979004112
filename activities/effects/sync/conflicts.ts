/** `sluice.conflicts` in the target: rows that both sides changed since they last agreed, with both versions and what was decided. */
import type { SyncAction } from '../../../strategy/plan.js';
import type { Session } from '../../sql/session.js';
import { quoted } from '../rows/table.js';
import type { Flow } from './flow.js';
import { amongKeys, type Key, keyJson, readKeys, setKeys } from './keys.js';

export type Rule = NonNullable<SyncAction['conflicts']>;

/** The keys that wait for a person, as JSON. */
export async function heldKeys({ id, to }: Flow): Promise<ReadonlySet<string>> {
  const { rows } = await to.session.query(
    "select to_json(key)::text as key from sluice.conflicts where sync = $1 and state = 'open'",
    [id],
  );
  return new Set(readKeys(rows).map((key) => JSON.stringify(key)));
}

/** The keys that a person has decided about since. */
export async function decidedKeys({ id, to }: Flow, chosen: 'source' | 'target'): Promise<readonly Key[]> {
  const { rows } = await to.session.query(
    "select to_json(key)::text as key from sluice.conflicts where sync = $1 and state = 'open' and chosen = $2 order by key",
    [id, chosen],
  );
  return readKeys(rows);
}

export async function closeConflicts(session: Session, { id }: Flow, keys: readonly Key[]): Promise<void> {
  await session.query(
    `update sluice.conflicts set state = 'closed', by = coalesce(by, current_user), at = now() where sync = $1 and state = 'open'
  and key in (select array(select json_array_elements_text(x)) from json_array_elements($2::json) x)`,
    [id, JSON.stringify(keys)],
  );
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
 * Notes those of the keys whose rows really differ; a repeat of the round notes none twice. Returns them, as JSON. Both sides having
 * made the same change is no conflict.
 */
export async function noteConflicts(
  forward: Flow,
  item: string,
  rule: Rule,
  base: string,
  keys: readonly Key[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const { id, from, to, values, where, order } = forward;
  const chosen = where === null ? '' : ` and (${where})`;
  const image = values
    .map(({ column, value }) => `(${value})::${column.type} as ${quoted(column.name)}`)
    .join(', ');
  const there = await images(
    from.session,
    keys,
    `select ${keyJson(order)} as sluice_key, ${image} from ${from.table.name} where ${amongKeys(order, from.table)}${chosen}`,
  );
  const own = values.map(({ column }) => quoted(column.name)).join(', ');
  const here = await images(
    to.session,
    keys,
    `select ${keyJson(order)} as sluice_key, ${own} from ${to.table.name} where ${amongKeys(order, to.table)}`,
  );
  const found = new Set<string>();
  for (const key of keys) {
    const text = JSON.stringify(key);
    const [source, target] = [there.get(text) ?? null, here.get(text) ?? null];
    if (source === target) continue;
    found.add(text);
    const decided = { source_wins: 'source', target_wins: 'target', manual: null }[rule];
    await to.session.query(
      `insert into sluice.conflicts (sync, item, source_table, key, source, target, rule, chosen, state, base) values ($1, $2, $3, $4::text[], $5::jsonb, $6::jsonb, $7, $8, $9, $10)
on conflict do nothing`,
      [
        id,
        item,
        from.table.name,
        key,
        source,
        target,
        rule,
        decided,
        decided === null ? 'open' : 'closed',
        base,
      ],
    );
  }
  return found;
}

/** The rows of a query as JSON, by their keys. */
async function images(
  session: Session,
  keys: readonly Key[],
  query: string,
): Promise<ReadonlyMap<string, string>> {
  await session.query('begin');
  try {
    await setKeys(session, keys);
    const { rows } = await session.query(
      `select r.sluice_key as key, (to_jsonb(r) - 'sluice_key')::text as image from (${query}) r`,
    );
    return new Map(rows.map(({ key, image }) => [JSON.stringify(JSON.parse(key ?? '[]')), image ?? '']));
  } finally {
    await session.query('rollback');
  }
}
