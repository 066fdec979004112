/** What people are asked about rows that differ. */
import type { RequirementView } from '../run/requirement.js';
import type { Comparison, RowsToSettle } from './settle.js';
import { countText } from './wording.js';

interface DifferingRow {
  readonly kind: string;
  readonly table: string;
  readonly key: string;
  readonly detail: readonly string[];
}

export interface ReviewedRows {
  readonly item: string;
  readonly batch: string;
  /** The keys of all rows that differ. */
  readonly file: string;
  readonly rows: readonly DifferingRow[];
  /** What the comparison found, a line per table and rule. */
  readonly lines: readonly string[];
  readonly notes: readonly string[];
  /** Columns that are distributed otherwise than in the source. */
  readonly anomalies: readonly string[];
}

/** Rows that a question names. */
const SHOWN = 20;
/** Notes that a question carries. */
const NOTES_SHOWN = 10;

export function asksReview({ item, batch, file, rows, lines, notes, anomalies }: ReviewedRows): RowsToSettle {
  const kinds = [...new Set(rows.map(({ kind }) => kind))];
  const counts = kinds.map((kind) => `${countText(rows.filter((row) => row.kind === kind).length)} ${kind}`);
  const question = kinds.every((kind) => kind === 'extra')
    ? `${rowsText(rows.length)} of ${item} in the target only. May they be deleted (apply-source), or do they stay (keep-target)?`
    : `${rowsText(rows.length)} of ${item} differ (${counts.join(', ')}). Which side is right?`;
  const evidence = (text: string, seen: string): RequirementView => {
    return { text, how: 'reconcile', verdict: 'fail', evidence: seen };
  };
  const named = rows.slice(0, SHOWN).map(({ table, key, kind, detail }) => {
    return evidence(`${table} ${key}`, detail.length === 0 ? kind : `${kind}: ${detail.join(', ')}`);
  });
  const rest = rows.length > SHOWN ? ` ${countText(rows.length - SHOWN)} more rows are not named here.` : '';
  return {
    ...{ kind: 'review', batch, question, checklist: [] },
    evidence: [
      ...lines.map((line) => evidence(`Reconciliation of ${item}`, line)),
      ...notes.slice(0, NOTES_SHOWN).map((note) => evidence('Not corrected', note)),
      ...anomalies
        .slice(0, NOTES_SHOWN)
        .map((line) => evidence('Distributed otherwise than in the source', line)),
      ...named,
      evidence(
        'Both rows of each, in the target',
        `select key, kind, columns, source_row, target_row from sluice.review where batch = '${batch}'.${rest} All keys: ${file}`,
      ),
    ],
  };
}

/** `again`: somebody said that it was done, and it is not. */
export function asksByHand(
  item: string,
  batch: string,
  rows: readonly { readonly difference: DifferingRow; readonly stated: string | null }[],
  when: 'first' | 'again',
): RowsToSettle {
  const checklist = rows
    .slice(0, SHOWN)
    .map(({ difference: { table, key }, stated }) => `set ${table} ${key} to ${stated ?? ''}`);
  const more =
    rows.length > SHOWN ? ` and ${countText(rows.length - SHOWN)} more (sluice.review, batch ${batch})` : '';
  const begin = when === 'first' ? '' : `${rowsText(rows.length)} not as stated yet. `;
  return {
    ...{ kind: 'by-hand', batch, evidence: [], checklist },
    question: `${begin}Set by hand the rows of ${item} that the review stated${more}. They are compared when you answer "done".`,
  };
}

function rowsText(rows: number): string {
  return rows === 1 ? '1 row' : `${countText(rows)} rows`;
}

/** One line of the record: what differs, and what was corrected before. */
export function describeComparison({
  item,
  tables,
  orphans,
  inserted,
  updated,
  deleted,
}: Omit<Comparison, 'verdict' | 'durationMs'>): string {
  const sum = (kind: 'compared' | 'missing' | 'extra' | 'different' | 'temporal'): number =>
    tables.reduce((total, table) => total + (table[kind] ?? 0), 0);
  const list = (counts: readonly (readonly [number, string])[]): readonly string[] =>
    counts.flatMap(([count, what]) => (count > 0 ? [`${countText(count)} ${what}`] : []));
  const differing = list([
    [sum('missing'), 'missing'],
    [sum('extra'), 'extra'],
    [sum('different'), 'different'],
    [sum('temporal'), 'temporal'],
    [orphans, 'orphan keys'],
  ]);
  const corrected = list([
    [inserted, 'inserted'],
    [updated, 'overwritten'],
    [deleted, 'deleted'],
  ]);
  const after = corrected.length === 0 ? '' : ` after corrections (${corrected.join(', ')})`;
  const found = differing.length === 0 ? 'nothing differs' : differing.join(', ');
  return `${item} compared${after}: ${countText(sum('compared'))} rows, ${found}`;
}
