/** One direction of a pair: from where to where, and which value every column gets. */
import type { SyncAction } from '../../../strategy/plan.js';
import type { Session } from '../../sql/session.js';
import { backMapping } from '../mirror/ways.js';
import { mapping } from '../rows/pass.js';
import { type Column, quoted, type Table } from '../rows/table.js';
import { guardOfSync, nameOf, type Role } from './state.js';

export interface Side {
  readonly role: Role;
  readonly session: Session;
  readonly table: Table;
  /** Unquoted, of its change table. */
  readonly changes: string;
}

export interface Flow {
  readonly id: string;
  readonly from: Side;
  readonly to: Side;
  readonly values: readonly { readonly column: Column; readonly value: string }[];
  /** An SQL condition over `from` for the rows that the other side has; null for all. */
  readonly where: string | null;
  /** The columns of the key in the order of the texts. */
  readonly order: readonly Column[];
  readonly guard: string;
}

export interface Flows {
  readonly forward: Flow;
  readonly back: Flow;
}

export function flowsOf(
  id: string,
  action: SyncAction,
  source: Pick<Side, 'session' | 'table'>,
  target: Pick<Side, 'session' | 'table'>,
): Flows {
  const here = { ...source, role: 'source', changes: nameOf(id, 'source') } as const;
  const there = { ...target, role: 'target', changes: nameOf(id, 'target') } as const;
  const shared = { id, order: target.table.key, guard: guardOfSync(id) };
  const forward = mapping(action, source.table, target.table);
  const back = backMapping(action, source.table, target.table);
  return {
    forward: { ...shared, from: here, to: there, values: forward, where: action.where },
    back: { ...shared, from: there, to: here, values: back, where: null },
  };
}

/** The columns that are written, quoted. */
export function columnsOf({ values }: Flow): string {
  return values.map(({ column }) => quoted(column.name)).join(', ');
}

/** The values for them, in the types of the other side, and whether they travel in binary form. */
export function selectedBy({ values }: Flow): { readonly list: string; readonly format: 'binary' | 'text' } {
  const list = values.map(({ column, value }) =>
    column.base === null ? value : `(${value})::${column.base}`,
  );
  return {
    list: list.join(', '),
    format: values.every(({ column }) => column.base !== null) ? 'binary' : 'text',
  };
}
