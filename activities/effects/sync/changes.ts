/**
 * The change table of a side: its triggers note the key of every row that a client changes, with the transaction. What came since
 * a mark is what that snapshot did not see, so a transaction that commits late is never missed. An empty key stands for all rows:
 * the table was truncated.
 */
import type { Session } from '../../sql/session.js';
import { literal } from '../mirror/one-way.js';
import { quoted, type Table } from '../rows/table.js';
import { type Key, readKeys } from './keys.js';

export interface Tracked {
  /** Unquoted, of the change table, the function and the triggers. */
  readonly name: string;
  readonly guard: string;
  /** A TRUNCATE is noted, and everything compared; or it is refused. */
  readonly truncate: 'note' | 'refuse';
}

const SETTINGS = `language plpgsql security definer set search_path from current set timezone = 'UTC'
  set datestyle = 'ISO, YMD' set intervalstyle = 'postgres' set extra_float_digits = 1`;

/** `order`: the columns of the key, in the order in which both sides write them. */
export function createTracking(
  { name, guard, truncate }: Tracked,
  table: Table,
  order: Table['key'],
): readonly string[] {
  const own = quoted(name);
  const tag = `$${name}$`;
  const note = (row: 'new' | 'old'): string =>
    `insert into sluice.${own} (key) values (array[${order.map((column) => `${row}.${quoted(column.name)}::text`).join(', ')}]);`;
  return [
    `create table sluice.${own} (seq bigint generated always as identity primary key, key text[] not null, tx xid8 not null default pg_current_xact_id())`,
    `create function sluice.${own}() returns trigger ${SETTINGS} as ${tag}
begin
  if current_setting('${guard}', true) = 'on' then return null; end if;
  if tg_op = 'TRUNCATE' then
    ${truncate === 'note' ? `insert into sluice.${own} (key) values ('{}');` : `raise exception 'sluice follows the changes of %, and cannot follow TRUNCATE: delete its rows instead', ${literal(table.name)};`}
    return null;
  end if;
  if tg_op <> 'INSERT' then ${note('old')} end if;
  if tg_op = 'INSERT' then ${note('new')} end if;
  if tg_op = 'UPDATE' then
    if (${names(order, 'new.')}) is distinct from (${names(order, 'old.')}) then ${note('new')} end if;
  end if;
  return null;
end ${tag}`,
    `create trigger ${own} after insert or update or delete on ${table.name} for each row execute function sluice.${own}()`,
    `create trigger ${quoted(`${name}_all`)} after truncate on ${table.name} for each statement execute function sluice.${own}()`,
    `alter table ${table.name} enable always trigger ${own}`,
    `alter table ${table.name} enable always trigger ${quoted(`${name}_all`)}`,
  ];
}

function names(columns: Table['key'], of: string): string {
  return columns.map(({ name }) => of + quoted(name)).join(', ');
}

/** Harmless when nothing is there. `table`: quoted; null when it does not exist any more. */
export function dropTracking(name: string, table: string | null): readonly string[] {
  const own = quoted(name);
  return [
    ...(table === null
      ? []
      : [
          `drop trigger if exists ${own} on ${table}`,
          `drop trigger if exists ${quoted(`${name}_all`)} on ${table}`,
        ]),
    `drop function if exists sluice.${own}()`,
    `drop table if exists sluice.${own}`,
  ];
}

export async function isTracked(session: Session, name: string): Promise<boolean> {
  const query = 'select (to_regclass($1) is not null)::text as found';
  return (await session.query(query, [`sluice.${quoted(name)}`])).rows[0]?.found === 'true';
}

/** What everything before is visible in. */
export async function snapshotNow(session: Session): Promise<string> {
  const [row] = (await session.query('select pg_current_snapshot()::text as now')).rows;
  return row?.now ?? '';
}

export interface Span {
  /** Null for everything that was noted. */
  readonly since: string | null;
  readonly upTo: string;
}

function within({ since, upTo }: Span): string {
  const seen = `pg_visible_in_snapshot(tx, ${literal(upTo)}::pg_snapshot)`;
  if (since === null) return seen;
  const from = `${literal(since)}::pg_snapshot`;
  return `tx >= pg_snapshot_xmin(${from}) and not pg_visible_in_snapshot(tx, ${from}) and ${seen}`;
}

/** The next keys after the given one, each once, at most `size`. */
export async function changedKeys(
  session: Session,
  name: string,
  span: Span,
  after: Key | null,
  size: number,
): Promise<readonly Key[]> {
  const rest = after === null ? '' : 'and key > $1::text[]';
  const { rows } = await session.query(
    `select to_json(key)::text as key from (
  select distinct key from sluice.${quoted(name)} where ${within(span)} and key <> '{}' ${rest} order by key limit ${size}) k order by k.key`,
    after === null ? [] : [after],
    LIMIT_MS,
  );
  return readKeys(rows);
}

/** True when the table was truncated since. */
export async function wasTruncated(session: Session, name: string, span: Span): Promise<boolean> {
  const query = `select exists (select from sluice.${quoted(name)} where key = '{}' and ${within(span)})::text as found`;
  return (await session.query(query)).rows[0]?.found === 'true';
}

/** Which of these keys have changed, as JSON. */
export async function changedAmong(
  session: Session,
  name: string,
  condition: string,
  keys: readonly Key[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const { rows } = await session.query(
    `select distinct to_json(c.key)::text as key from sluice.${quoted(name)} c
join (select array(select json_array_elements_text(x)) as key from json_array_elements($1::json) x) k on k.key = c.key where ${condition}`,
    [JSON.stringify(keys)],
    LIMIT_MS,
  );
  return new Set(readKeys(rows).map((key) => JSON.stringify(key)));
}

/** For `changedAmong`: within these snapshots. */
export function duringSpan(span: Span): string {
  return within(span);
}

/** For `changedAmong`: by whatever this snapshot does not see. */
export function afterSnapshot(snapshot: string): string {
  return `not pg_visible_in_snapshot(tx, ${literal(snapshot)}::pg_snapshot)`;
}

/** Forgets what is applied for good. */
export async function forgetChanges(session: Session, name: string, mark: string): Promise<void> {
  await session.query(
    `delete from sluice.${quoted(name)} where tx < pg_snapshot_xmin(${literal(mark)}::pg_snapshot)`,
    [],
    LIMIT_MS,
  );
}

const LIMIT_MS = 300_000;
