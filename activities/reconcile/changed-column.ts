/** The column of a strategy's "changed by COLUMN": it says on both sides when a row was changed. */
import { tableText } from '../../strategy/kinds/effects/rows.js';
import type { ComparedTable, ReconcileMethod } from '../../strategy/plan.js';
import type { Column, Table } from '../effects/rows/table.js';
import { Refusal } from '../refusal.js';
import { isTime } from './side.js';

export interface ChangedColumn {
  readonly source: Column;
  readonly target: Column;
}

/** Null where the method compares every row each time. */
export function changedBy(method: ReconcileMethod): string | null {
  if (method.kind === 'changed') return method.column;
  return method.kind === 'rows' ? (method.changedBy ?? null) : null;
}

/** @throws Refusal when a side has no such column, or one that says no time */
export function changedColumn(
  name: string,
  compared: ComparedTable,
  { source, target }: { readonly source: Table; readonly target: Table },
): ChangedColumn {
  return {
    source: timeOf(name, compared.source, source),
    target: timeOf(name, compared.target, target),
  };
}

function timeOf(name: string, table: ComparedTable['source'], { columns }: Table): Column {
  const column = columns.find((own) => own.name === name);
  if (column !== undefined && isTime(column)) return column;
  const why =
    column === undefined
      ? `${tableText(table)} has no such column`
      : `${tableText(table)}.${name} is no time`;
  throw new Refusal(
    `Rows are to be compared that changed by "${name}", but ${why}. Name a column that says when a row was changed, or write "method: rows".`,
  );
}
