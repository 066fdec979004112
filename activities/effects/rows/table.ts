/** What the catalog says of a table: its columns, and the key by which its rows are gone through. */
import type { TableName } from '../../../strategy/plan.js';
import type { Session } from '../../sql/session.js';

export interface Column {
  readonly name: string;
  /** As SQL writes it. */
  readonly type: string;
  /** The type without its limits, of a type that every Postgres has; else null. */
  readonly base: string | null;
  /** How its values are sorted, where that depends on the database; null for the same order everywhere. */
  readonly collation: string | null;
  /** Computed by the database: it cannot be written. */
  readonly generated: boolean;
  /** The sequence behind it, if it has one. */
  readonly sequence: string | null;
}

export interface Table {
  /** Quoted. */
  readonly name: string;
  /** The last part of the name, quoted. */
  readonly alias: string;
  readonly columns: readonly Column[];
  /** Of the primary key, else of a unique index over columns that are never NULL; empty without either. */
  readonly key: readonly Column[];
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quotedTable({ schema, table }: TableName): string {
  return `${quoted(schema)}.${quoted(table)}`;
}

const COLUMNS = `select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type,
  (a.attgenerated <> '')::text as generated, pg_get_serial_sequence($1, a.attname) as sequence,
  case when t.typnamespace = 'pg_catalog'::regnamespace then format_type(a.atttypid, -1) end as base,
  case when c.collname not in ('C', 'POSIX') and (c.collname <> 'default' or d.datcollate not in ('C', 'POSIX'))
    then concat_ws('/', c.collname, c.collprovider, coalesce(c.collcollate, d.datcollate), current_setting('server_version')) end as collation
from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_collation c on c.oid = a.attcollation
  join pg_database d on d.datname = current_database()
where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped order by a.attnum`;

const KEY = `select array_to_json(k.names)::text as names from pg_index i
cross join lateral (
  select array_agg(a.attname::text order by c.place) as names, bool_and(a.attnotnull) as never_null
  from unnest(i.indkey::int2[]) with ordinality as c(number, place)
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = c.number
  where c.place <= i.indnkeyatts
) k
where i.indrelid = to_regclass($1) and i.indisunique and i.indisvalid and i.indimmediate
  and i.indpred is null and i.indexprs is null and k.never_null
order by i.indisprimary desc, i.indnkeyatts, i.indexrelid limit 1`;

/** Null when there is no such table, or the user may not see it. */
export async function readTable(session: Session, table: TableName): Promise<Table | null> {
  const name = quotedTable(table);
  const [found] = (await session.query('select to_regclass($1)::text as found', [name])).rows;
  if (found?.found == null) return null;
  const columns = (await session.query(COLUMNS, [name])).rows.map(
    (row): Column => ({
      name: row.name ?? '',
      type: row.type ?? '',
      base: row.base ?? null,
      collation: row.collation ?? null,
      generated: row.generated === 'true',
      sequence: row.sequence ?? null,
    }),
  );
  const names = readTexts((await session.query(KEY, [name])).rows[0]?.names) ?? [];
  const key = names.flatMap((own) => columns.filter((column) => column.name === own));
  return { name, alias: quoted(table.table), columns, key };
}

/** A JSON array of texts, as a query answers it. */
export function readTexts(json: string | null | undefined): readonly string[] | null {
  const value: unknown = json == null ? null : JSON.parse(json);
  return Array.isArray(value) ? value.map(String) : null;
}
