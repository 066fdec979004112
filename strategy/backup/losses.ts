/** What restoring a backup loses, and how people are asked about it. */
import { tableText } from '../kinds/effects/rows.js';
import type { TableName } from '../plan.js';
import { countText } from '../reconcile/wording.js';
import type { RequirementView } from '../run/requirement.js';

/** What a person has to approve before a backup is restored. */
export interface Losses {
  readonly question: string;
  readonly evidence: readonly RequirementView[];
  /** The state of the tables that was looked at: what is approved is that, and no later state. */
  readonly state: string;
}

/** One table beside its backup. All numbers are rows. */
export interface TableLosses {
  readonly table: TableName;
  /** That are not as in the backup, and are put back. */
  readonly differing: number;
  /** Of later writes: not as the item left them. When the item did not end, the same as `differing`. */
  readonly changed: number;
  readonly added: number;
  readonly deleted: number;
  readonly examples: readonly LostRow[];
}

export interface LostRow {
  /** A JSON array. */
  readonly key: string;
  readonly kind: 'changed' | 'added' | 'deleted';
}

export interface Compared {
  readonly item: string;
  /** When the backup was made, as the database writes it. */
  readonly madeAt: string;
  /** False when the item did not end: what it wrote cannot be told from what others wrote. */
  readonly marked: boolean;
  /** True when a person has approved another state. */
  readonly again: boolean;
  readonly tables: readonly TableLosses[];
  readonly state: string;
}

/** Rows of a table that a question names. */
export const EXAMPLES = 10;

export function lossesOf({ item, madeAt, marked, again, tables, state }: Compared): Losses {
  const lost = tables.reduce((sum, table) => sum + lostIn(table), 0);
  const names = tables.map(({ table }) => tableText(table)).join(', ');
  const begin = again ? 'Rows have changed since the last answer. Stop whoever writes them. ' : '';
  const what = marked
    ? `${rowsText(lost)} written after ${item} ended: these writes are lost. So is what others wrote while it ran`
    : `${item} did not end, so its own writes cannot be told from those of others: ${rowsText(lost)} not as in the backup, and what others wrote to them is lost`;
  return {
    question: `${begin}Restore ${names} as of ${madeAt}, before ${item}? ${what}.`,
    evidence: tables.flatMap((table) => [...sums(table, marked), ...table.examples.map(example(table))]),
    state,
  };
}

function lostIn({ changed, added, deleted }: TableLosses): number {
  return changed + added + deleted;
}

function sums(table: TableLosses, marked: boolean): readonly RequirementView[] {
  const { changed, added, deleted, differing } = table;
  const name = tableText(table.table);
  const kinds = `${countText(changed)} changed, ${countText(added)} added, ${countText(deleted)} deleted`;
  const since = marked ? 'after the item ended' : 'since the backup, by the item or by others';
  return [
    seen(`${name}: rows that are put back`, countText(differing)),
    seen(`${name}: rows written ${since}`, `${countText(lostIn(table))} (${kinds})`),
  ];
}

function example({ table }: TableLosses): (row: LostRow) => RequirementView {
  return ({ key, kind }) => seen(`${tableText(table)} ${key}`, kind);
}

function seen(text: string, evidence: string): RequirementView {
  return { text, how: 'sql', verdict: 'fail', evidence };
}

function rowsText(rows: number): string {
  return rows === 1 ? '1 row' : `${countText(rows)} rows`;
}
