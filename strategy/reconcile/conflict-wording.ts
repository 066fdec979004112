/** What people are asked about rows that both sides have changed. */
import type { RequirementView } from '../run/requirement.js';
import type { RowsToSettle } from './settle.js';
import { countText } from './wording.js';

export interface ShownConflict {
  readonly key: readonly string[];
  /** Which columns differ, or where the row was deleted. */
  readonly what: string;
  /** Why an earlier decision about it came to nothing; null without one. */
  readonly note: string | null;
}

export interface ShownConflicts {
  readonly item: string;
  readonly batch: string;
  /** Of the target, quoted. */
  readonly table: string;
  readonly shown: readonly ShownConflict[];
  /** Conflicts that the next review asks about. */
  readonly later: number;
}

/** Rows that a question names. */
const NAMED = 20;

export function asksConflicts({ item, batch, table, shown, later }: ShownConflicts): RowsToSettle {
  const rows = shown.length === 1 ? '1 row' : `${countText(shown.length)} rows`;
  const evidence = (text: string, seen: string): RequirementView => {
    return { text, how: 'reconcile', verdict: 'fail', evidence: seen };
  };
  const named = shown.slice(0, NAMED).map(({ key, what, note }) => {
    const again = note === null ? '' : `; the last decision was not carried out: ${note}`;
    return evidence(`${table} ${JSON.stringify(key)}`, `${what}${again}`);
  });
  const rest =
    shown.length > NAMED ? ` ${countText(shown.length - NAMED)} more rows are not named here.` : '';
  const next = later === 0 ? '' : ` ${countText(later)} more conflicts are asked about afterwards.`;
  return {
    ...{ kind: 'review', batch, checklist: [] },
    question: `Both sides changed ${rows} of ${item}. Which side is right? All other rows go on.`,
    evidence: [
      ...named,
      evidence(
        'Both rows of each, in the target',
        `select key, source, target from sluice.conflicts where batch = '${batch}'.${rest}${next}`,
      ),
    ],
  };
}
