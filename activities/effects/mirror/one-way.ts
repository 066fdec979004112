/**
 * The functions and triggers of one direction. Whatever a client did to a row, the row of that key is read again and written to the
 * other side, or deleted there: so several changes of a statement, also of keys, come out right in any order.
 *
 * The functions run as the user of sluice, with the settings of its session, so that a rule gives the same in a trigger and in the
 * copy. All names are qualified. The triggers also fire for what logical replication applies.
 */
import { quoted, type Table } from '../rows/table.js';

export interface OneWay {
  /** Unquoted, of the function and of the triggers. */
  readonly name: string;
  readonly from: Table;
  readonly to: Table;
  /** The key of both, with the types of either. */
  readonly values: readonly { readonly column: string; readonly value: string }[];
  /** An SQL condition over `from` for the rows that the other side has; null for all. */
  readonly where: string | null;
  /** What a row of `to` must be once it is written, for the way back; null for anything. */
  readonly must: string | null;
  /** The setting that is `on` while sluice writes. */
  readonly guard: string;
  /** Under which id refused rows go to `sluice.quarantine`; null where they fail the write of the client. */
  readonly quarantine: string | null;
}

/** Milliseconds that a shadow write may wait for a lock, so that no client waits longer for it. */
const SHADOW_LOCK_MS = 500;

export function createOneWay(way: OneWay): readonly string[] {
  return [
    rowFunction(way),
    ...(way.quarantine === null ? [] : [tryFunction(way, way.quarantine)]),
    ...triggers(way),
  ];
}

/** Harmless when they are not there. `table`: quoted. */
export function dropOneWay(name: string, table: string): readonly string[] {
  const own = quoted(name);
  return [
    `drop trigger if exists ${own} on ${table}`,
    `drop trigger if exists ${quoted(`${name}_all`)} on ${table}`,
    `drop function if exists sluice.${own}()`,
    `drop function if exists sluice.${quoted(`${name}_all`)}()`,
    ...['_try', '_row'].map((suffix) => dropOverloads(`${name}${suffix}`)),
  ];
}

function dropOverloads(name: string): string {
  return `do $sluice$ declare f regprocedure; begin
  for f in select oid::regprocedure from pg_proc where pronamespace = to_regnamespace('sluice') and proname = '${name}' loop
    execute 'drop function ' || f;
  end loop;
end $sluice$`;
}

/** What writes the row of a key to the other side: `sluice.NAME_try` where a refusal is set aside, else `sluice.NAME_row`. */
export function writerOf({ name, quarantine }: Pick<OneWay, 'name' | 'quarantine'>): string {
  return `sluice.${quoted(`${name}${quarantine === null ? '_row' : '_try'}`)}`;
}

const SETTINGS = `language plpgsql security definer set search_path from current set timezone from current
  set datestyle = 'ISO, YMD' set intervalstyle = 'postgres' set extra_float_digits = 1`;

function named(columns: readonly { readonly name: string }[], of = ''): string {
  return columns.map(({ name }) => of + quoted(name)).join(', ');
}

function parameters({ from }: OneWay): string {
  return from.key.map(({ type }) => type).join(', ');
}

function keyOf({ from }: OneWay, table: Table): string {
  const values = table.key.map(({ name, type }) => {
    const place = from.key.findIndex((column) => column.name === name) + 1;
    return `$${place}::${type}`;
  });
  return `(${named(table.key)}) = (${values.join(', ')})`;
}

function rowFunction(way: OneWay): string {
  const { from, to, values, where, must } = way;
  const set = values
    .filter(({ column }) => !to.key.some(({ name }) => name === column))
    .map(({ column }) => column);
  const changed = (set.length > 0 ? set : to.key.map(({ name }) => name))
    .map((column) => `${quoted(column)} = excluded.${quoted(column)}`)
    .join(', ');
  const list = values.map(({ column }) => quoted(column)).join(', ');
  const expressions = values.map(({ value }) => value).join(', ');
  const chosen = where === null ? '' : ` and (${where})`;
  const tag = `$${way.name}$`;
  const refused =
    must === null
      ? ''
      : `
  elsif not exists (select from ${to.name} where ${keyOf(way, to)} and (${must})) then
    raise exception 'sluice: the other side does not take this row, because of its rule %', ${literal(`where ${must}`)};`;
  return `create function sluice.${quoted(`${way.name}_row`)}(${parameters(way)}) returns void ${SETTINGS} as ${tag}
begin
  insert into ${to.name} (${list}) overriding system value
    select ${expressions} from ${from.name} where ${keyOf(way, from)}${chosen}
    on conflict (${named(to.key)}) do update set ${changed};
  if not found then
    delete from ${to.name} where ${keyOf(way, to)};${refused}
  end if;
end ${tag}`;
}

/** The same, but what the other side refuses is set aside, and forgotten when it takes the row later. */
function tryFunction(way: OneWay, quarantine: string): string {
  const { from, name } = way;
  const places = from.key.map((_, index) => `$${index + 1}`);
  const key = `array[${places.map((place) => `${place}::text`).join(', ')}]`;
  const tag = `$${name}$`;
  return `create function sluice.${quoted(`${name}_try`)}(${parameters(way)}) returns void ${SETTINGS} set lock_timeout = '${SHADOW_LOCK_MS}ms' as ${tag}
begin
  perform sluice.${quoted(`${name}_row`)}(${places.join(', ')});
  delete from sluice.quarantine q where q.transfer = ${literal(quarantine)} and q.key = ${key};
exception when others then
  begin
    insert into sluice.quarantine as q (transfer, key, row, sqlstate, error)
      values (${literal(quarantine)}, ${key}, (select to_jsonb(s) from ${from.name} s where ${keyOf(way, from)}), sqlstate, sqlerrm)
      on conflict (transfer, key) do update set row = excluded.row, sqlstate = excluded.sqlstate, error = excluded.error, at = now();
  exception when others then
    raise warning 'sluice: a shadow write to % failed, and so did its note: %', ${literal(to(way))}, sqlerrm;
  end;
end ${tag}`;
}

function to({ to: { name } }: OneWay): string {
  return name;
}

function triggers(way: OneWay): readonly string[] {
  const { name, from, guard, quarantine } = way;
  const own = quoted(name);
  const all = quoted(`${name}_all`);
  const tag = `$${name}$`;
  const head = `language plpgsql security definer set search_path from current as ${tag}
begin
  if current_setting('${guard}', true) = 'on' then return null; end if;
  perform set_config('${guard}', 'on', true);`;
  const foot = `  perform set_config('${guard}', 'off', true);
  return null;
end ${tag}`;
  const write = (row: 'new' | 'old'): string => `perform ${writerOf(way)}(${named(from.key, `${row}.`)});`;
  const empty = `delete from ${way.to.name};`;
  const emptied =
    quarantine === null
      ? empty
      : `begin ${empty} exception when others then
    raise warning 'sluice: the shadow % could not be emptied: %', ${literal(way.to.name)}, sqlerrm;
  end;`;
  return [
    `create function sluice.${own}() returns trigger ${head}
  if tg_op = 'INSERT' then
    ${write('new')}
  else
    ${write('old')}
    if tg_op = 'UPDATE' then
      if (${named(from.key, 'new.')}) is distinct from (${named(from.key, 'old.')}) then ${write('new')} end if;
    end if;
  end if;
${foot}`,
    `create function sluice.${all}() returns trigger ${head}
  ${emptied}
${foot}`,
    `create trigger ${own} after insert or update or delete on ${from.name} for each row execute function sluice.${own}()`,
    `create trigger ${all} after truncate on ${from.name} for each statement execute function sluice.${all}()`,
    `alter table ${from.name} enable always trigger ${own}`,
    `alter table ${from.name} enable always trigger ${all}`,
  ];
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
