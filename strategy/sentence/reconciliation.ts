/** How a strategy says in what way both sides are compared, what counts as equal, and that a comparison must pass. */
import type { ReconcileMethod } from '../plan.js';
import { rowsForMargin } from '../reconcile/bound.js';

const CONFIDENCE = 0.95;

/** A method as it is written, or null; "changed by updated_at" is meant for a watch. */
export const METHODS =
  '"rows", "count", "changed by updated_at", "sample of 30,000 rows" or "business rules"';

/** One of `METHODS`, or another word for one, such as "checksum" or "sample 95% +-1%"; null for anything else. */
export function parseMethod(text: string): ReconcileMethod | null {
  const words = text.trim().toLowerCase();
  if (/^(?:row )?counts?(?: of rows)?$|^number of rows$/.test(words)) return { kind: 'count' };
  if (/^(?:checksums?|full|(?:all|every) rows?|rows?|row by row|hash(?:es)?)$/.test(words))
    return { kind: 'rows' };
  if (/^business rules?$/.test(words)) return { kind: 'rules' };
  const [, changedBy] =
    /^(?:(?:rows )?changed|incremental(?:ly)?) by "?([^"\s]{1,63})"?$/i.exec(text.trim()) ?? [];
  if (changedBy !== undefined) return { kind: 'rows', changedBy };
  return parseSample(words);
}

function parseSample(words: string): ReconcileMethod | null {
  const [, margined, margin] =
    /^sample (?:of )?(\d+(?:\.\d+)?) ?% ?(?:\+-|\+\/-|±) ?(\d+(?:\.\d+)?) ?%$/.exec(words) ?? [];
  if (margined !== undefined && margin !== undefined) {
    const confidence = Number(margined) / 100;
    const share = Number(margin) / 100;
    if (!(confidence > 0.5 && confidence < 1 && share > 0 && share < 0.5)) return null;
    return { kind: 'sample', rows: rowsForMargin(share, confidence), confidence };
  }
  const [, digits, at] =
    /^sample (?:of )?(\d[\d,_]*) (?:rows|records)(?: (?:at|with) (\d+(?:\.\d+)?) ?%(?: confidence)?)?$/.exec(
      words,
    ) ?? [];
  if (digits === undefined) return null;
  const rows = Number(digits.replaceAll(/[,_]/g, ''));
  const confidence = at === undefined ? CONFIDENCE : Number(at) / 100;
  return rows > 0 && confidence > 0.5 && confidence < 1 ? { kind: 'sample', rows, confidence } : null;
}

/** "99.99 %", ">= 99.9% of rows", "at least 100% match": a share from 0 to 1; null for anything else. */
export function parseThreshold(text: string): number | null {
  const [, number] =
    /^(?:(?:>=|≥|at least) ?)?(\d+(?:\.\d+)?) ?%(?: (?:(?:of )?(?:all )?(?:rows|records)(?: (?:equal|match(?:ing)?))?|match(?:ing)?|equal))?$/i.exec(
      text.trim(),
    ) ?? [];
  if (number === undefined) return null;
  const share = Number(`${number}e-2`);
  return share > 0 && share <= 1 ? share : null;
}

const PASSES = '(?:passes|passed|pass|succeeds|succeeded|is clean|is successful|holds)';
const SENTENCE = new RegExp(
  `^(?:data )?reconciliation (?:of|for) "?(\\S{1,200}?)"? ${PASSES}$|^"?(\\S{1,200}?)"? (?:reconciliation ${PASSES}|reconciles|is reconciled)$`,
  'i',
);

/** The item that "Reconciliation of DATA-1 passes" speaks of; null for a sentence of another form. */
export function parseReconciliation(text: string): string | null {
  const match = SENTENCE.exec(text.trim());
  return match?.[1] ?? match?.[2] ?? null;
}
