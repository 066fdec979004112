/** Compares one pair of tables by the method of the item, and looks at what differs again until it is sure. */
import { tableText } from '../../strategy/kinds/effects/rows.js';
import type { ComparedTable, Reconciliation } from '../../strategy/plan.js';
import type { TableFindings } from '../../strategy/reconcile/result.js';
import { pause } from '../attempt.js';
import { changedBy, changedColumn } from './changed-column.js';
import { compareChanged } from './compare-changed.js';
import { type Compared, compareRows, lookAgain } from './compare-rows.js';
import { compareCounts } from './counts.js';
import type { Difference } from './differences.js';
import type { Hash } from './hash.js';
import { type Scope, withoutKept } from './kept.js';
import { type Marked, readMark } from './marks.js';
import { isOneDatabase, lookNow, type Pair } from './moment.js';
import { type Opened, openSides } from './open-sides.js';
import { compareSample } from './sample.js';
import type { Sides } from './side.js';
import { NO_DISORDER, timeDisorder } from './time-order.js';
import { timeShifts } from './time-shifts.js';

export interface Settings {
  /** Milliseconds that one statement may take. */
  readonly limitMs: number;
  /** Which rows a sample draws. */
  readonly seed: number;
  /** Whose reviews settle differences; null or absent for all. */
  readonly scope?: Scope;
  /** Told how many rows of a table have been compared. */
  readonly progress?: (table: string, rows: number) => void;
}

export interface TableResult {
  readonly compared: ComparedTable;
  readonly table: TableFindings;
  readonly differences: readonly Difference[];
  /** The keys that differed, also of rows that a person has settled; null when not all of them are known. */
  readonly open: readonly string[] | null;
}

/** How many differences are looked at again and again, by their keys. */
const LOOKED_AT_AGAIN = 10_000;
/** How often, and how long after each other, when the sides are not of one moment. */
const LOOKS = 3;
const BETWEEN_LOOKS_MS = 1_000;

/** True where rows are compared, and neither numbers of them nor a sample. */
export function isByRow({ kind }: Reconciliation['method']): boolean {
  return kind === 'rows' || kind === 'changed';
}

/** What a mark of these tables is of; null where each comparison is of every row. */
export function markedOf(
  { item, method }: Reconciliation,
  table: ComparedTable,
  { scope }: Settings,
): Marked | null {
  const column = changedBy(method);
  return column === null ? null : { item, table, column, scope: scope ?? null };
}

/** Throws what the databases answer, and `Refusal`. Null when it was interrupted. */
export async function compareTable(
  reconciliation: Reconciliation,
  compared: ComparedTable,
  pair: Pair,
  hash: Hash,
  settings: Settings,
): Promise<TableResult | null> {
  const { item, method } = reconciliation;
  const opened = await openSides(compared, pair, { hash, limitMs: settings.limitMs });
  const { sides } = opened;
  const result = await compareContent(reconciliation, compared, opened, pair, settings);
  if (result === null) return null;
  const { since } = result;
  const sampled = 'complete' in result && result.complete === false;
  const about = {
    drift: opened.drift,
    sampled,
    shifts: [],
    disorder: [],
    ...(since !== undefined && { since }),
  };
  if (method.kind === 'count') {
    return {
      compared,
      table: findingsOf(compared, result, about),
      differences: result.differences,
      open: null,
    };
  }
  const seen = await settle(sides, result, pair, settings);
  const { remaining, kept } = await withoutKept(pair.target, item, seen.differences, settings.scope ?? null);
  const settled = { ...seen, equal: seen.equal + kept, differences: [...remaining] };
  const shifts = await timeShifts(sides, remaining);
  const orders =
    isByRow(method) && since === undefined ? await timeDisorder(compared, sides.target) : NO_DISORDER;
  const table = findingsOf(compared, settled, { ...about, shifts, disorder: orders.disorder });
  // Two empty tables say nothing about what will be in them.
  const isKnown = !seen.stopped && (since !== undefined || seen.compared > 0);
  return {
    compared,
    table: { ...table, ...(kept > 0 && { kept }) },
    differences: [...remaining, ...orders.differences],
    open: isKnown ? seen.differences.map(({ key }) => key) : null,
  };
}

/** Null when it was interrupted. */
async function compareContent(
  reconciliation: Reconciliation,
  compared: ComparedTable,
  { sides, tables }: Opened,
  pair: Pair,
  settings: Settings,
): Promise<(Compared & { readonly since?: string }) | null> {
  const { method } = reconciliation;
  const name = tableText(compared.target);
  switch (method.kind) {
    case 'count':
      return compareCounts(sides, name, compared.groupBy);
    case 'sample':
      return compareSample(sides, name, { rows: method.rows, seed: settings.seed });
    case 'rows':
    case 'changed':
    case 'rules':
      break;
    default:
      method satisfies never;
  }
  const by = changedBy(method);
  const column = by === null ? null : changedColumn(by, compared, tables);
  const marked = method.kind === 'changed' ? markedOf(reconciliation, compared, settings) : null;
  const mark = marked && (await readMark(pair, marked));
  if (column !== null && mark !== null) {
    const changed = await compareChanged(sides, name, column, mark);
    if (changed === 'interrupted') return null;
    if (changed !== null) return { ...changed, since: mark.source.replace(/\.\d+Z$/, 'Z') };
  }
  return compareRows(sides, name, (rows) => settings.progress?.(name, rows));
}

/** Finds the columns that differ. Between two databases, a difference counts only when it is still there a while later. */
async function settle(sides: Sides, result: Compared, pair: Pair, { limitMs }: Settings): Promise<Compared> {
  const { differences } = result;
  if (differences.length === 0) return result;
  if (differences.length > LOOKED_AT_AGAIN) {
    const named = await lookAgain(sides, differences);
    // Only to say what differs: so many hashes of values are not kept.
    return { ...result, differences: named.map(({ there: _, seen: __, ...found }) => found) };
  }
  let remaining = await lookAgain(sides, differences);
  for (let look = 1; look < LOOKS && remaining.length > 0 && !isOneDatabase(pair); look += 1) {
    await pause(BETWEEN_LOOKS_MS);
    await lookNow(pair, limitMs);
    remaining = await lookAgain(sides, remaining);
  }
  const equal = result.equal + differences.length - remaining.length;
  return { ...result, equal, differences: [...remaining] };
}

function findingsOf(
  { source, target }: ComparedTable,
  { compared, equal, differences, stopped }: Compared,
  about: Pick<TableFindings, 'drift' | 'sampled' | 'shifts' | 'disorder' | 'since'>,
): TableFindings {
  const count = (kind: Difference['kind']): number =>
    differences.filter((found) => found.kind === kind).length;
  const different = differences.filter(({ kind }) => kind === 'different');
  return {
    source: tableText(source),
    target: tableText(target),
    ...{ compared, equal, stopped },
    ...about,
    missing: count('missing'),
    extra: count('extra'),
    different: different.length,
    temporal: count('temporal'),
    groups: count('group'),
    columns: [...new Set(different.flatMap(({ detail }) => detail))].toSorted(),
  };
}
