/** `rollback_method: restore_backup`: the tables that an item changes are backed up before it, and restored to undo it. */
import { meansOf } from '../../kinds/effects/index.js';
import type { Action, BackupAction, BackupTask, Procedure, RowsAction, TableName, Undo } from '../../plan.js';
import { below } from '../../pointer.js';
import type { Compilation } from '../compilation.js';
import { type DataItem, sidesOf, tablePairsOf, type Unreadable } from './data-tables.js';

/** What is backed up, by connection. */
export type Backups = readonly Pick<BackupAction, 'connection' | 'tables' | 'transfers'>[];

/** Of the built-in copies and changes in batches. */
export function backupsOfRows(actions: readonly Action[]): Backups | Unreadable {
  const rows = actions.flatMap((action) => (action.kind === 'rows' ? [action] : []));
  if (rows.some(({ change }) => change.do === 'deliver'))
    return { why: 'not for rows that move between connections' };
  if (rows.length < actions.length) {
    return { why: 'only for rows that are copied or changed in batches, and for an execution_script' };
  }
  // All of them are on one connection, where their target is.
  const connection = rows[0]?.to ?? rows[0]?.connection;
  if (connection === undefined) return { why: 'the item changes no rows' };
  const tables = rows.flatMap(changedBy);
  const transfers = rows.map(({ source }) => source);
  return [{ connection, tables: distinct(tables), transfers }];
}

function changedBy({ source, change }: RowsAction): readonly TableName[] {
  switch (change.do) {
    case 'copy':
    case 'join':
    case 'deliver':
      return [change.target];
    case 'archive':
      return [source, change.target];
    case 'update':
    case 'delete':
    case 'fill':
      return [source];
    default:
      return change satisfies never;
  }
}

/** Of a script, which may change whatever the item names: its targets, else its sources; an archival takes rows out of these as well. */
export function backupsOfScript(
  c: Compilation,
  item: DataItem,
  stepConnection: string | null,
): Backups | Unreadable {
  const sides = sidesOf(c, item, stepConnection);
  if ('why' in sides) return sides;
  const pairs = tablePairsOf(item);
  if ('why' in pairs) return pairs;
  const { from, to } = sides;
  const isSame = ({ schema, table }: TableName, other: TableName): boolean =>
    from === to && schema === other.schema && table === other.table;
  const targets = { connection: to, tables: distinct(pairs.map((pair) => pair.to)), transfers: [] };
  const elsewhere = pairs.some((pair) => !isSame(pair.from, pair.to));
  if (item.fields.type !== 'data_archival' || !elsewhere) return [targets];
  const sources = distinct(pairs.map((pair) => pair.from));
  if (from === to) return [{ ...targets, tables: distinct([...sources, ...targets.tables]) }];
  return [{ connection: from, tables: sources, transfers: [] }, targets];
}

function distinct(tables: readonly TableName[]): readonly TableName[] {
  return tables.filter(
    ({ schema, table }, index) =>
      tables.findIndex((other) => other.schema === schema && other.table === table) === index,
  );
}

/** The procedure between a backup and a note of how it ended; its undo is the restore, and nothing else. */
export function withBackups(
  c: Compilation,
  item: DataItem,
  procedure: Procedure,
  {
    backups,
    checks,
  }: { readonly backups: Backups; readonly checks: Extract<Undo, { kind: 'actions' }>['checks'] },
): Procedure {
  const actions = (task: BackupTask): readonly BackupAction[] =>
    backups.map((backup) => ({ kind: 'backup', item: item.id, ...backup, task }));
  const restore = actions({ do: 'restore', approved: null }).toReversed();
  const pointer = below(item.pointer, 'rollback', 'rollback_method');
  for (const action of restore) {
    c.cover(pointer, 'rollback_method: restore_backup', 'automated', meansOf(action));
  }
  return {
    ...procedure,
    actions: [...actions({ do: 'make' }), ...procedure.actions, ...actions({ do: 'mark' })],
    undo: { kind: 'actions', actions: restore, checks },
  };
}
