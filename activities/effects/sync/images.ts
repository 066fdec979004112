/** Both rows of some keys as JSON in the shape of the target: what is compared, shown and kept of a conflict. */
import type { Session } from '../../sql/session.js';
import { quoted } from '../rows/table.js';
import type { Flow } from './flow.js';
import { amongKeys, type Key, keyJson, setKeys } from './keys.js';

/** Null where the row is gone. */
export interface Images {
  readonly source: string | null;
  readonly target: string | null;
}

/** By keys as JSON. Within the transactions of both sides that are open, which see what they have seen before. */
export async function imagesHeld(forward: Flow, keys: readonly Key[]): Promise<(key: Key) => Images> {
  const { from, to, values, where, order } = forward;
  const chosen = where === null ? '' : ` and (${where})`;
  const image = values
    .map(({ column, value }) => `(${value})::${column.type} as ${quoted(column.name)}`)
    .join(', ');
  const there = await rowsOf(
    from.session,
    keys,
    `select ${keyJson(order)} as sluice_key, ${image} from ${from.table.name} where ${amongKeys(order, from.table)}${chosen}`,
  );
  const own = values.map(({ column }) => quoted(column.name)).join(', ');
  const here = await rowsOf(
    to.session,
    keys,
    `select ${keyJson(order)} as sluice_key, ${own} from ${to.table.name} where ${amongKeys(order, to.table)}`,
  );
  return (key) => {
    const text = JSON.stringify(key);
    return { source: there.get(text) ?? null, target: here.get(text) ?? null };
  };
}

/** The same, as they are now. */
export async function imagesNow(forward: Flow, keys: readonly Key[]): Promise<(key: Key) => Images> {
  const sessions = [forward.from.session, forward.to.session];
  for (const session of sessions) await session.query('begin');
  try {
    return await imagesHeld(forward, keys);
  } finally {
    for (const session of sessions) await session.query('rollback');
  }
}

/** Two servers write a value alike, whatever their settings are. */
const SETTINGS = `select set_config('timezone', 'UTC', true), set_config('intervalstyle', 'postgres', true),
  set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true)`;

async function rowsOf(
  session: Session,
  keys: readonly Key[],
  query: string,
): Promise<ReadonlyMap<string, string>> {
  await session.query(SETTINGS);
  await setKeys(session, keys);
  const { rows } = await session.query(
    `select r.sluice_key as key, (to_jsonb(r) - 'sluice_key')::text as image from (${query}) r`,
  );
  return new Map(rows.map(({ key, image }) => [JSON.stringify(JSON.parse(key ?? '[]')), image ?? '']));
}
