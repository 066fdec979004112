/** Compares both sides of a data migration in their databases. It only reads, so a repeat does no harm. */
import { tableText } from '../../strategy/kinds/effects/rows.js';
import type { ComparedTable, Reconciliation } from '../../strategy/plan.js';
import type { Findings, RuleFindings, TableFindings } from '../../strategy/reconcile/result.js';
import { pause } from '../attempt.js';
import { readTable, type Table } from '../effects/rows/table.js';
import { Refusal } from '../refusal.js';
import type { Session } from '../sql/session.js';
import { compareRule } from './business-rules.js';
import { type Compared, compareRows, lookAgain } from './compare-rows.js';
import { compareCounts } from './counts.js';
import type { Difference } from './differences.js';
import { commonHash, type Hash } from './hash.js';
import { type Scope, withoutKept } from './kept.js';
import { isOneDatabase, lookNow, type Pair } from './moment.js';
import { oneAtATime } from './one-at-a-time.js';
import { findOrphans } from './orphans.js';
import { compareSample } from './sample.js';
import { type Sides, sidesOf } from './side.js';
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

export interface Reconciled {
  readonly findings: Findings;
  readonly differences: readonly Difference[];
}

/** How many differences are looked at again and again, by their keys. */
const LOOKED_AT_AGAIN = 10_000;
/** How often, and how long after each other, when the sides are not of one moment. */
const LOOKS = 3;
const BETWEEN_LOOKS_MS = 1_000;

/** Throws what the databases answer, and `Refusal` for tables that cannot be compared. Null when it was interrupted. */
export function reconcile(
  reconciliation: Reconciliation,
  pair: Pair,
  settings: Settings,
): Promise<Reconciled | null> {
  const { tables } = reconciliation;
  return oneAtATime(pair.target, tables, settings.limitMs, () => compareAll(reconciliation, pair, settings));
}

async function compareAll(
  reconciliation: Reconciliation,
  pair: Pair,
  settings: Settings,
): Promise<Reconciled | null> {
  const { tables, rules, method } = reconciliation;
  await lookNow(pair, settings.limitMs);
  const hash = await commonHash(pair);
  const found: TableFindings[] = [];
  const differences: Difference[] = [];
  for (const compared of tables) {
    const result = await compareTable(reconciliation, compared, pair, hash, settings);
    if (result === null) return null;
    found.push(result.table);
    differences.push(...result.differences);
  }
  const orphans =
    method.kind === 'rows' ? await findOrphans(tables, pair.source, pair.target, settings.limitMs) : [];
  const values: RuleFindings[] = [];
  for (const rule of rules) {
    const result = await compareRule(rule, pair.source, pair.target, settings.limitMs);
    values.push({ name: rule.name, values: result.values, differing: result.differences.length });
    differences.push(...result.differences);
  }
  const seed = method.kind === 'sample' ? settings.seed : null;
  return {
    findings: { tables: found, rules: values, orphans: orphans.length, seed },
    differences: [...differences, ...orphans],
  };
}

interface TableResult {
  readonly table: TableFindings;
  readonly differences: readonly Difference[];
}

async function compareTable(
  { item, method }: Reconciliation,
  compared: ComparedTable,
  pair: Pair,
  hash: Hash,
  settings: Settings,
): Promise<TableResult | null> {
  const name = tableText(compared.target);
  const { sides, drift } = await openSides(compared, pair, { hash, limitMs: settings.limitMs });
  const progress = (rows: number): void => settings.progress?.(name, rows);
  const sample = method.kind === 'sample' ? { rows: method.rows, seed: settings.seed } : null;
  const result =
    method.kind === 'count'
      ? await compareCounts(sides, name, compared.groupBy)
      : sample === null
        ? await compareRows(sides, name, progress)
        : await compareSample(sides, name, sample);
  if (result === null) return null;
  const sampled = 'complete' in result && result.complete === false;
  const about = { drift, sampled, shifts: [], disorder: [] };
  if (method.kind === 'count') {
    return { table: findingsOf(compared, result, about), differences: result.differences };
  }
  const seen = await settle(sides, result, pair, settings);
  const { remaining, kept } = await withoutKept(pair.target, item, seen.differences, settings.scope ?? null);
  const settled = { ...seen, equal: seen.equal + kept, differences: [...remaining] };
  const shifts = await timeShifts(sides, remaining);
  const orders = method.kind === 'rows' ? await timeDisorder(compared, sides.target) : NO_DISORDER;
  const table = findingsOf(compared, settled, { ...about, shifts, disorder: orders.disorder });
  return {
    table: { ...table, ...(kept > 0 && { kept }) },
    differences: [...remaining, ...orders.differences],
  };
}

/** Throws `Refusal` when the tables cannot be compared row by row. */
export async function openSides(
  compared: ComparedTable,
  { source, target }: Pair,
  how: { readonly hash: Hash; readonly limitMs: number },
) {
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
  return sidesOf(compared, { session: source, table: there }, { session: target, table: here }, how);
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
  about: Pick<TableFindings, 'drift' | 'sampled' | 'shifts' | 'disorder'>,
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
