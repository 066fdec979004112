/** Both tables of a pair, as they are to be compared. */
import { tableText } from '../../strategy/kinds/effects/rows.js';
import type { ComparedTable } from '../../strategy/plan.js';
import { readTable, type Table } from '../effects/rows/table.js';
import { Refusal } from '../refusal.js';
import type { Session } from '../sql/session.js';
import type { Hash } from './hash.js';
import type { Pair } from './moment.js';
import { type Comparable, sidesOf } from './side.js';

export interface Opened extends Comparable {
  readonly tables: { readonly source: Table; readonly target: Table };
}

/** Throws `Refusal` when the tables cannot be compared row by row. */
export async function openSides(
  compared: ComparedTable,
  { source, target }: Pair,
  how: { readonly hash: Hash; readonly limitMs: number },
): Promise<Opened> {
  const there = await tableOf(source, compared.source, 'source');
  const here = await tableOf(target, compared.target, 'target');
  for (const { name } of here.key) {
    if (there.columns.some((column) => column.name === name)) continue;
    throw new Refusal(
      `The key column "${name}" of ${tableText(compared.target)} is not in ${tableText(compared.source)}, so rows cannot be paired. Give both the same key.`,
    );
  }
  for (const name of [...compared.exclude, ...compared.groupBy]) {
    if (here.columns.some((column) => column.name === name)) continue;
    throw new Refusal(
      `x-reconcile names the column "${name}", which ${tableText(compared.target)} does not have.`,
    );
  }
  const comparable = sidesOf(
    compared,
    { session: source, table: there },
    { session: target, table: here },
    how,
  );
  return { ...comparable, tables: { source: there, target: here } };
}

async function tableOf(session: Session, name: ComparedTable['source'], side: string): Promise<Table> {
  const table = await readTable(session, name);
  if (table === null) {
    throw new Refusal(
      `The ${side} table ${tableText(name)} does not exist, or this user may not use its schema.`,
    );
  }
  if (table.key.length === 0 && side === 'target') {
    throw new Refusal(
      `The table ${tableText(name)} has no key to pair its rows by. Add a primary key, or a unique index over columns that are NOT NULL.`,
    );
  }
  return table;
}
