/** A table beside its backup, and beside how the item left it. */
import { EXAMPLES, type LostRow, type TableLosses } from '../../../strategy/backup/losses.js';
import type { Session } from '../../sql/session.js';
import { quoted, quotedTable } from '../rows/table.js';
import { hashOf, list, type Shape, sameKey, textOf } from './shape.js';

/** `marked`: whether it is known how the item left the rows; else every row that is not as in the backup may be a later write. */
export async function compareTable(
  session: Session,
  shape: Shape,
  marked: boolean,
  limitMs: number,
): Promise<TableLosses> {
  const toBackup = joined(shape, false);
  const differing = await countBy(session, toBackup, limitMs);
  const later = marked ? joined(shape, true) : toBackup;
  const counts = marked ? await countBy(session, later, limitMs) : differing;
  const { rows } = await session.query(
    `select key, kind from (${later}) d order by 2, 1 limit ${EXAMPLES}`,
    [],
    limitMs,
  );
  const of = (kind: LostRow['kind']): number => counts.get(kind) ?? 0;
  return {
    table: shape.table,
    differing: [...differing.values()].reduce((sum, count) => sum + count, 0),
    changed: of('changed'),
    added: of('added'),
    deleted: of('deleted'),
    examples: rows.map(({ key, kind }) => ({ key: key ?? '', kind: kindOf(kind) })),
  };
}

/** A query of the keys of all rows that differ, with the kind of difference. */
function joined(shape: Shape, toEnd: boolean): string {
  const { name, key, written, names } = shape;
  const first = quoted(key[0]?.name ?? '');
  const differs = toEnd
    ? `o.sluice_hash is distinct from ${hashOf(written, 't.')}`
    : `${textOf(written, 'o.')} is distinct from ${textOf(written, 't.')}`;
  const keys = key.map((column) => `coalesce(t.${quoted(column.name)}, o.${quoted(column.name)})::text`);
  return `select json_build_array(${keys.join(', ')})::text as key,
  case when o.${first} is null then 'added' when t.${first} is null then 'deleted' else 'changed' end as kind
from ${name} t full join ${quotedTable(toEnd ? names.end : names.rows)} o on ${sameKey(shape, 't.', 'o.')}
where o.${first} is null or t.${first} is null or ${differs}`;
}

async function countBy(
  session: Session,
  query: string,
  limitMs: number,
): Promise<ReadonlyMap<LostRow['kind'], number>> {
  const { rows } = await session.query(
    `select kind, count(*)::text as rows from (${query}) d group by 1`,
    [],
    limitMs,
  );
  return new Map(rows.map(({ kind, rows: count }) => [kindOf(kind), Number(count)]));
}

function kindOf(text: string | null | undefined): LostRow['kind'] {
  if (text === 'changed' || text === 'added' || text === 'deleted') return text;
  throw new Error(`A row differs in an unknown way: ${String(text)}.`);
}

/** Keeps the rows that a restore takes out of the table, as they are now. Returns how many. */
export async function keepLost(
  session: Session,
  shape: Shape,
  marked: boolean,
  limitMs: number,
): Promise<number> {
  const { name, key, written, names } = shape;
  const first = quoted(key[0]?.name ?? '');
  const lost = quotedTable(names.lost);
  const [other, differs] = marked
    ? [names.end, `o.sluice_hash is distinct from ${hashOf(written, 't.')}`]
    : [names.rows, `${textOf(written, 'o.')} is distinct from ${textOf(written, 't.')}`];
  const { rowCount } = await session.query(
    `create table ${lost} as select ${list(written, 't.')} from ${name} t
left join ${quotedTable(other)} o on ${sameKey(shape, 't.', 'o.')} where o.${first} is null or ${differs}`,
    [],
    limitMs,
  );
  if ((rowCount ?? 0) === 0) await session.query(`drop table ${lost}`);
  return rowCount ?? 0;
}
