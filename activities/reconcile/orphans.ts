/** Rows of the target whose parent is missing, by the foreign keys of either side: those of the source need not be declared there. */
import type { ComparedTable } from '../../strategy/plan.js';
import { quoted, quotedTable, readTexts } from '../effects/rows/table.js';
import type { Session } from '../sql/session.js';
import type { Difference } from './differences.js';

export interface ForeignKey {
  /** Quoted, as are the columns. */
  readonly child: string;
  readonly columns: readonly string[];
  readonly parent: string;
  readonly parentColumns: readonly string[];
}

const MOST = 10_000;

/** Throws what the databases answer. */
export async function findOrphans(
  tables: readonly ComparedTable[],
  source: Session,
  target: Session,
  limitMs: number,
): Promise<readonly Difference[]> {
  const renamed = new Map(tables.map((pair) => [quotedTable(pair.source), quotedTable(pair.target)]));
  const keys = new Map<string, ForeignKey>();
  for (const pair of tables) {
    for (const key of await foreignKeys(target, quotedTable(pair.target))) keys.set(JSON.stringify(key), key);
    for (const { child, parent, ...columns } of await foreignKeys(source, quotedTable(pair.source))) {
      const [own, other] = [renamed.get(child), renamed.get(parent)];
      if (own === undefined || other === undefined) continue;
      const key = {
        child: own,
        columns: columns.columns,
        parent: other,
        parentColumns: columns.parentColumns,
      };
      if (await hasColumns(target, key)) keys.set(JSON.stringify(key), key);
    }
  }
  const orphans: Difference[] = [];
  for (const key of keys.values()) orphans.push(...(await orphansOf(target, key, limitMs)));
  return orphans;
}

const KEYS = `select (select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = k.confrelid) as parent,
  (select array_to_json(array_agg(a.attname order by u.place))::text from unnest(k.conkey) with ordinality u(number, place)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number) as columns,
  (select array_to_json(array_agg(a.attname order by u.place))::text from unnest(k.confkey) with ordinality u(number, place)
    join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number) as parent_columns
from pg_constraint k where k.contype = 'f' and k.conrelid = to_regclass($1)`;

export async function foreignKeys(session: Session, child: string): Promise<readonly ForeignKey[]> {
  const { rows } = await session.query(KEYS, [child]);
  return rows.map((row) => ({
    child,
    columns: (readTexts(row.columns) ?? []).map(quoted),
    parent: quotedName(row.parent ?? ''),
    parentColumns: (readTexts(row.parent_columns) ?? []).map(quoted),
  }));
}

/** `format('%I')` quotes only where it must; ours are always quoted. */
function quotedName(name: string): string {
  const parts = name.match(/"(?:[^"]|"")*"|[^.]+/g) ?? [];
  return parts.map((part) => (part.startsWith('"') ? part : quoted(part))).join('.');
}

async function hasColumns(
  session: Session,
  { child, columns, parent, parentColumns }: ForeignKey,
): Promise<boolean> {
  const query = `select (select count(*) from pg_attribute where attrelid = to_regclass($1) and not attisdropped
  and '"' || replace(attname::text, '"', '""') || '"' = any($2::text[]))::text as own,
  (select count(*) from pg_attribute where attrelid = to_regclass($3) and not attisdropped
  and '"' || replace(attname::text, '"', '""') || '"' = any($4::text[]))::text as other`;
  const [row] = (await session.query(query, [child, columns, parent, parentColumns])).rows;
  return Number(row?.own) === columns.length && Number(row?.other) === parentColumns.length;
}

async function orphansOf(
  session: Session,
  { child, columns, parent, parentColumns }: ForeignKey,
  limitMs: number,
): Promise<readonly Difference[]> {
  const values = columns.map((column) => `c.${column}`);
  const same = columns
    .map((column, index) => `p.${parentColumns[index] ?? column} = c.${column}`)
    .join(' and ');
  const query = `select distinct json_build_array(${values.map((value) => `${value}::text`).join(', ')})::text as key from ${child} c
where ${values.map((value) => `${value} is not null`).join(' and ')} and not exists (select from ${parent} p where ${same}) limit ${MOST}`;
  const { rows } = await session.query(query, [], limitMs);
  const detail = [`${columns.join(', ')} has no row in ${parent}`];
  return rows.map(({ key }) => ({ kind: 'orphan' as const, table: child, key: key ?? '[]', detail }));
}
