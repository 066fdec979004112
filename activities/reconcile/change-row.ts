/**
 * Changes one row of the target, in a transaction with what it was before (`sluice.correction`), and only if it still is as it was
 * compared.
 */
import pg from 'pg';
import { quoted } from '../effects/rows/table.js';
import { point } from '../fault-points.js';
import { serverMessage } from '../sql/failure.js';
import type { Session } from '../sql/session.js';
import type { Difference } from './differences.js';
import { amongKeys, keyColumns, valueHashes } from './ranges.js';
import type { Side } from './side.js';
import type { SourceRow } from './source-rows.js';
import type { Origin } from './store.js';

export interface RowChange {
  readonly item: string;
  /** The table, as people write it. */
  readonly table: string;
  readonly by: string;
  readonly origin: Origin | null;
  readonly difference: Difference;
  /** What the row must become; null when it must go. */
  readonly row: SourceRow | null;
  /** Its id in `sluice.review`, which is closed along with the change. */
  readonly review: string | null;
}

/** `changed`: it is not any more what it was compared as, and is left alone. `why`: the database refuses it. */
export type Became =
  | 'inserted'
  | 'updated'
  | 'deleted'
  | 'changed'
  | { readonly why: string; readonly orphan: boolean };

/** Values are written and read alike whatever the session was before. */
export const SETTINGS = `select set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'postgres', true), set_config('timezone', 'UTC', true),
  set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true), set_config('lock_timeout', '2s', true)`;

/** Throws what the connection answers, and not what the database says about this row. */
export async function changeRow(target: Side, change: RowChange): Promise<Became> {
  const { session } = target;
  await session.query('begin');
  try {
    await session.query(SETTINGS);
    const became = await write(target, change);
    const closed = became === 'changed' || change.review === null || (await closeReview(session, change));
    const changed = became !== 'changed' && closed;
    if (changed) point('before-commit');
    await session.querySteadily(changed ? 'commit' : 'rollback');
    if (changed) point('after-commit');
    return closed ? became : 'changed';
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    await session.querySteadily('rollback');
    return { why: serverMessage(error), orphan: error.code === '23503' };
  }
}

async function write(target: Side, change: RowChange): Promise<Became> {
  const { difference, row } = change;
  if (row === null) return remove(target, change);
  return difference.kind === 'missing' ? insert(target, change, row) : update(target, change, row);
}

/** False when an earlier attempt, or another one, has settled it. */
async function closeReview(session: Session, { review, by }: RowChange): Promise<boolean> {
  const { rows } = await session.query(
    "update sluice.review set status = 'applied', by = $2, closed_at = now() where id = $1 and status = 'pending' returning id::text as id",
    [review, by],
  );
  return rows.length > 0;
}

async function note(
  session: Session,
  { item, table, by, origin, difference }: RowChange,
  before: string | null | undefined,
  after: string | null | undefined,
): Promise<void> {
  await session.query(
    `insert into sluice.correction (item, target, key, kind, before, after, by, run, execution, step)
values ($1, $2, $3::jsonb, $4, $5::jsonb, $6::jsonb, $7, $8, $9, $10)`,
    [
      ...[item, table, difference.key, difference.kind, before ?? null, after ?? null, by],
      ...[origin?.run ?? null, origin?.execution ?? null, origin?.step ?? null],
    ],
  );
}

async function insert({ session, from, image }: Side, change: RowChange, row: SourceRow): Promise<Became> {
  const { columns, values } = row;
  const query = `insert into ${from} as t (${columns.map((column) => quoted(column.name)).join(', ')}) overriding system value
  values (${columns.map(({ type }, index) => `$${index + 1}::text::${type}`).join(', ')}) on conflict do nothing returning ${image}::text as after`;
  const [done] = (await session.query(query, values)).rows;
  if (done === undefined) return 'changed';
  await note(session, change, null, done.after);
  return 'inserted';
}

async function update(target: Side, change: RowChange, row: SourceRow): Promise<Became> {
  const { session } = target;
  const { difference } = change;
  const keys = keyColumns(target, [difference.key]);
  const before = await asCompared(target, difference);
  if (before === null) return 'changed';
  const set = row.columns.flatMap(({ name: column, type }, index) =>
    difference.detail.includes(column) ? [{ column, type, value: row.values[index] ?? null }] : [],
  );
  const from = target.key.length + 1;
  const query = `update ${target.from} t set ${set.map(({ column, type }, index) => `${quoted(column)} = $${from + index}::text::${type}`).join(', ')}
  where ${amongKeys(target)} returning ${target.image}::text as after`;
  const [done] = (await session.query(query, [...keys, ...set.map(({ value }) => value)])).rows;
  if (done === undefined) return 'changed';
  await note(session, change, before, done.after);
  return 'updated';
}

async function remove(target: Side, change: RowChange): Promise<Became> {
  const { session } = target;
  const before = await asCompared(target, change.difference);
  if (before === null) return 'changed';
  const others = await wouldChange(session, target.from);
  if (others !== null) return { why: others, orphan: false };
  const keys = keyColumns(target, [change.difference.key]);
  await session.query(`delete from ${target.from} where ${amongKeys(target)}`, keys);
  await note(session, change, before, null);
  return 'deleted';
}

/** The row, held until the transaction ends; null when it is not as it was compared. */
async function asCompared(target: Side, { key, seen }: Difference): Promise<string | null> {
  const keys = keyColumns(target, [key]);
  const lock = `select ${target.image}::text as before from ${target.from} t where ${amongKeys(target)} for update`;
  const [found] = (await target.session.query(lock, keys)).rows;
  const now = (await valueHashes(target, [key])).get(key);
  return found?.before != null && JSON.stringify(now) === JSON.stringify(seen) ? found.before : null;
}

/** Rows of other tables would go with it, and nobody would have saved them. */
async function wouldChange(session: Session, table: string): Promise<string | null> {
  const [found] = (
    await session.query(
      `select conrelid::regclass::text as child, conname::text as name from pg_constraint
where contype = 'f' and confrelid = to_regclass($1) and confdeltype in ('c', 'n', 'd') order by 1, 2 limit 1`,
      [table],
    )
  ).rows;
  return found === undefined
    ? null
    : `deleting it would change rows of ${found.child ?? ''} by the foreign key ${found.name ?? ''}, which nothing saves; delete it by hand`;
}
