/** Takes the corrections of a step back, the youngest first: a row is restored only if it still is as the correction left it. */
import pg from 'pg';
import { tableText } from '../../strategy/kinds/effects/rows.js';
import type { Reconciliation } from '../../strategy/plan.js';
import { interruption } from '../attempt.js';
import { quoted, readTable, readTexts, type Table } from '../effects/rows/table.js';
import { point } from '../fault-points.js';
import { serverMessage } from '../sql/failure.js';
import type { Session } from '../sql/session.js';
import { SETTINGS } from './change-row.js';
import { imageSql, rowSql } from './image.js';
import { ensureStore, type Origin } from './store.js';

export interface Restored {
  readonly restored: number;
  /** Why rows were left alone, each with its key. */
  readonly left: readonly string[];
}

interface Saved {
  readonly id: string;
  readonly target: string;
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Throws what the connection answers. Null when it was interrupted. */
export async function restore(
  { item, tables }: Reconciliation,
  session: Session,
  origin: Origin,
): Promise<Restored | null> {
  await ensureStore(session);
  const known = new Map<string, Table>();
  for (const { target } of tables) {
    const table = await readTable(session, target);
    if (table !== null) known.set(tableText(target), table);
  }
  const left: string[] = [];
  let restored = 0;
  for (const saved of await savedRows(session, item, origin)) {
    if (interruption() !== null) return null;
    const table = known.get(saved.target);
    const why =
      table === undefined ? 'its table does not exist any more' : await restoreRow(session, table, saved);
    if (why === null) restored += 1;
    else left.push(`${saved.target} ${saved.key}: ${why}`);
  }
  const { run, execution, step } = origin;
  await session.query(
    "update sluice.review set status = 'undone' where run = $1 and execution = $2 and step = $3 and item = $4 and status <> 'undone'",
    [run, execution, step, item],
  );
  return { restored, left };
}

async function savedRows(
  session: Session,
  item: string,
  { run, execution, step }: Origin,
): Promise<readonly Saved[]> {
  const { rows } = await session.query(
    `select id::text as id, target, key::text as key, before::text as before, after::text as after from sluice.correction
where item = $1 and run = $2 and execution = $3 and step = $4 and undone_at is null order by correction.id desc`,
    [item, run, execution, step],
  );
  return rows.map(({ id, target, key, before, after }) => ({
    ...{ id: id ?? '', target: target ?? '', key: key ?? '[]' },
    ...{ before: before ?? null, after: after ?? null },
  }));
}

/** Why it is left alone; null when it is restored. */
async function restoreRow(session: Session, table: Table, saved: Saved): Promise<string | null> {
  await session.query('begin');
  try {
    await session.query(SETTINGS);
    const why = await asItWas(session, table, saved);
    if (why === null) {
      await session.query('update sluice.correction set undone_at = now() where id = $1', [saved.id]);
    }
    if (why === null) point('before-commit');
    await session.querySteadily(why === null ? 'commit' : 'rollback');
    if (why === null) point('after-commit');
    return why;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    await session.querySteadily('rollback');
    return serverMessage(error);
  }
}

async function asItWas(
  session: Session,
  { name, key, columns }: Table,
  { before, after }: Saved,
): Promise<string | null> {
  const record = (parameter: string): string => rowSql(columns, parameter);
  const same = key.map((column) => `t.${quoted(column.name)} = s.${quoted(column.name)}`).join(' and ');
  if (after !== null) {
    const lock = `select (${imageSql(columns)} = $1::jsonb)::text as same from ${name} t join ${record('$1')} s on ${same} for update of t`;
    const [found] = (await session.query(lock, [after])).rows;
    if (found === undefined) return 'it was deleted since';
    if (found.same !== 'true') return 'it was changed since';
  }
  if (before === null) {
    await session.query(`delete from ${name} t using ${record('$1')} s where ${same}`, [after]);
    return null;
  }
  if (after === null) {
    const list = columns.filter(({ generated }) => !generated).map((column) => quoted(column.name));
    const insert = `insert into ${name} (${list.join(', ')}) overriding system value select ${list.join(', ')} from ${record('$1')} s on conflict do nothing returning true`;
    return (await session.query(insert, [before])).rows.length > 0 ? null : 'its key is taken by now';
  }
  const changed = await changedColumns(session, before, after);
  const set = columns.filter((column) => changed.includes(column.name) && !column.generated);
  if (set.length === 0) return null;
  const list = set.map((column) => `${quoted(column.name)} = s.${quoted(column.name)}`).join(', ');
  await session.query(`update ${name} t set ${list} from ${record('$1')} s where ${same}`, [before]);
  return null;
}

async function changedColumns(session: Session, before: string, after: string): Promise<readonly string[]> {
  const query = `select json_agg(b.key)::text as names from jsonb_each($1::jsonb) b join jsonb_each($2::jsonb) a using (key) where a.value is distinct from b.value`;
  return readTexts((await session.query(query, [before, after])).rows[0]?.names) ?? [];
}
