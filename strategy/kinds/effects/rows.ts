/** Rows that are copied or changed in batches. */

import type { RowsAction, TableName } from '../../plan.js';
import { printByteSize } from '../../sentence/byte-size.js';
import { NEEDS_NOTHING } from '../needs.js';
import { oneLine } from '../text.js';
import type { EffectKind } from './kind.js';

export const rows: EffectKind<RowsAction> = {
  runs: (action) => (runsProgram(action) ? 'host' : 'any'),
  needs: (action) => ({
    ...NEEDS_NOTHING,
    connections: [...new Set([action.connection, action.to ?? action.connection])],
    environment: runsProgram(action),
  }),
  title: (action) => `${action.item}: ${describe(action)}`,
  means: (action) => `in batches ${place(action)}${by(action)}: ${describe(action)}`,
  describe: (action) => `rows ${action.item} ${place(action)}${by(action)}: ${describe(action)}`,
  lines: (action) => [
    `rows ${action.item} ${place(action)}${by(action)}: ${describe(action)}`,
    ...(action.direction === 'undo' ? [] : action.set).map(
      ({ column, value }) => `  ${column} = ${oneLine(value)}`,
    ),
    ...(runsProgram(action) ? [`  each row through ${action.program?.path ?? ''}`] : []),
    ...holds(action).map((why) => `  waits ${why}`),
  ],
};

/** What holds its batches back. */
function holds({ throttle, direction }: RowsAction): readonly string[] {
  if (throttle === undefined || direction === 'undo') return [];
  const { replicaLagBytes: bytes, busy } = throttle;
  return [
    ...(bytes === null ? [] : [`while a replica has more than ${printByteSize(bytes)} of WAL to replay`]),
    ...(busy === null ? [] : [`while ${oneLine(busy)}`]),
  ];
}

/** The way back needs no program: it has the rows. */
function runsProgram({ program, direction }: RowsAction): boolean {
  return program !== undefined && direction === 'apply';
}

function place({ connection, to = connection }: RowsAction): string {
  return to === connection ? `on ${connection}` : `from ${connection} to ${to}`;
}

function by(action: RowsAction): string {
  const { workers = 1, direction, program } = action;
  const shared = workers > 1 && direction === 'apply' ? `, by ${workers} workers` : '';
  return runsProgram(action) ? `${shared}, through ${program?.path ?? ''}` : shared;
}

/** "orders" or "shop.orders", as people write it. */
export function tableText({ schema, table }: TableName): string {
  return schema === 'public' ? table : `${schema}.${table}`;
}

function describe({ source, change, where, direction }: RowsAction): string {
  const table = tableText(source);
  // Each condition ends with a line of its own, lest a comment in it hides the bracket.
  const chosen = where === null ? '' : ` where ${oneLine(where.replaceAll('\n)', ')'))}`;
  const undo = direction === 'undo';
  switch (change.do) {
    case 'copy':
      return undo
        ? `delete the copied rows from ${tableText(change.target)}`
        : `copy ${table} to ${tableText(change.target)}${chosen}`;
    case 'join':
      return undo
        ? `delete the rows of ${tableText(change.target)}`
        : `copy ${table} to ${tableText(change.target)}${chosen}, beside its triggers`;
    case 'archive':
      return undo
        ? `move the archived rows from ${tableText(change.target)} back to ${table}`
        : `move ${table} to ${tableText(change.target)}${chosen}`;
    case 'deliver': {
      const into = tableText(change.target);
      if (undo) return `delete the archived rows from ${into}`;
      return change.check
        ? `check that ${into} can take the rows of ${table}`
        : `write the rows deleted from ${table} to ${into}`;
    }
    case 'update':
      return undo ? `restore the previous values in ${table}` : `update ${table}${chosen}`;
    case 'fill':
      return `fill ${table}${chosen}`;
    case 'delete':
      return undo ? `restore the deleted rows of ${table}` : `delete from ${table}${chosen}`;
    default:
      return change satisfies never;
  }
}
