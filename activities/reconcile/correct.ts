/**
 * Corrects rows of the target that a comparison found to differ: missing ones are inserted, different columns overwritten with what the
 * source gives, extra ones deleted where a person has said so. Each row is one transaction of the target (change-row.ts). Parents
 * are inserted before their children, and deleted after them.
 */
import { tableText } from '../../strategy/kinds/effects/rows.js';
import type { ComparedTable, Reconciliation } from '../../strategy/plan.js';
import { interruption } from '../attempt.js';
import { type Became, changeRow, type RowChange } from './change-row.js';
import { type Correction, type Difference, isCorrectable } from './differences.js';
import { commonHash, type Hash } from './hash.js';
import { lookNow, type Pair } from './moment.js';
import { openSides } from './open-sides.js';
import { parentsFirst } from './parents-first.js';
import { valueHashes } from './ranges.js';
import type { Side } from './side.js';
import { sourceRows } from './source-rows.js';
import { ensureStore, type Origin } from './store.js';

export interface Corrections {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** Rows that had changed since they were compared. */
  readonly changed: number;
  /** Why rows were refused, each with its key; they are as they were. */
  readonly refused: readonly string[];
}

export interface CorrectionSettings {
  /** Who corrects. */
  readonly by: string;
  readonly limitMs: number;
  readonly origin: Origin | null;
}

/** A row that is to become as the source has it. */
export interface ChosenRow {
  readonly difference: Difference;
  /** Its id in `sluice.review`; then neither side may have changed since. Null for a correction that nobody was asked about. */
  readonly review: string | null;
}

/** What was not changed, with its reason. */
export interface Unchanged extends ChosenRow {
  readonly why: string;
}

export interface Applied extends Corrections {
  readonly unchanged: readonly Unchanged[];
  readonly byTable: readonly TableCounts[];
}

export interface TableCounts {
  readonly table: string;
  readonly inserted: number;
  readonly updated: number;
}

/** The rows that may be corrected without asking. Throws what the databases answer, except about single rows. */
export function correct(
  reconciliation: Reconciliation,
  differences: readonly Difference[],
  pair: Pair,
  { correct: what, ...settings }: CorrectionSettings & { readonly correct: Correction },
): Promise<Applied> {
  const chosen = differences.filter((difference) => isCorrectable(difference, what));
  const rows = chosen.map((difference) => ({ difference, review: null }));
  return applySource(reconciliation, rows, pair, settings);
}

/** Throws what the databases answer, except about single rows. */
export async function applySource(
  { item, tables }: Reconciliation,
  rows: readonly ChosenRow[],
  pair: Pair,
  settings: CorrectionSettings,
): Promise<Applied> {
  const tally = new Tally();
  await ensureStore(pair.target);
  await lookNow(pair, settings.limitMs);
  const hash = await commonHash(pair);
  const ordered = await parentsFirst(pair.target, tables);
  const goes = ({ difference: { kind } }: ChosenRow): boolean => kind === 'extra';
  const passes = [
    ...ordered.map((table) => ({ table, rows: rows.filter((row) => !goes(row)) })),
    ...ordered.toReversed().map((table) => ({ table, rows: rows.filter(goes) })),
  ];
  for (const pass of passes) {
    const name = tableText(pass.table.target);
    const own = pass.rows.filter(({ difference }) => difference.table === name);
    if (own.length > 0) await applyTable({ item, table: pass.table, rows: own, hash }, pair, settings, tally);
    if (interruption() !== null) break;
  }
  // What was begun only to look would refuse the writes that follow.
  for (const session of [pair.source, pair.target]) await session.query('rollback');
  return tally.total();
}

interface TableWork {
  readonly item: string;
  readonly table: ComparedTable;
  readonly rows: readonly ChosenRow[];
  readonly hash: Hash;
}

async function applyTable(
  { item, table, rows, hash }: TableWork,
  pair: Pair,
  { by, limitMs, origin }: CorrectionSettings,
  tally: Tally,
): Promise<void> {
  await lookNow(pair, limitMs);
  const { sides } = await openSides(table, pair, { hash, limitMs });
  const keys = rows.map(({ difference }) => difference.key);
  const there = await sourceRows(table, sides.source, pair, keys);
  const reviewed = rows.filter(({ review }) => review !== null).map(({ difference }) => difference.key);
  const seenNow = await valueHashes(sides.source, reviewed);
  for (const session of [pair.source, pair.target]) await session.query('rollback');
  const changes = rows.flatMap((chosen): readonly Planned[] => {
    const { difference, review } = chosen;
    const row = there.get(difference.key) ?? null;
    const same = JSON.stringify(seenNow.get(difference.key)) === JSON.stringify(difference.there);
    if ((row === null) !== (difference.kind === 'extra') || (review !== null && !same)) {
      tally.count(chosen, 'changed');
      return [];
    }
    return [
      { chosen, change: { item, table: tableText(table.target), by, origin, difference, row, review } },
    ];
  });
  await changeAll(sides.target, changes, tally);
}

interface Planned {
  readonly chosen: ChosenRow;
  readonly change: RowChange;
}

/** A row whose parent is in the same table, and comes later, is tried again after it. */
async function changeAll(target: Side, changes: readonly Planned[], tally: Tally): Promise<void> {
  let open = changes;
  for (;;) {
    const waiting: { readonly planned: Planned; readonly became: Became }[] = [];
    for (const planned of open) {
      if (interruption() !== null) return;
      const became = await changeRow(target, planned.change);
      if (typeof became === 'object' && became.orphan) waiting.push({ planned, became });
      else tally.count(planned.chosen, became);
    }
    if (waiting.length === 0 || waiting.length === open.length) {
      for (const { planned, became } of waiting) tally.count(planned.chosen, became);
      return;
    }
    open = waiting.map(({ planned }) => planned);
  }
}

class Tally {
  readonly #counts = { inserted: 0, updated: 0, deleted: 0, changed: 0 };
  readonly #byTable = new Map<string, { table: string; inserted: number; updated: number }>();
  readonly #refused: string[] = [];
  readonly #unchanged: Unchanged[] = [];

  count(row: ChosenRow, became: Became): void {
    const { table, key } = row.difference;
    if (typeof became === 'object') {
      this.#refused.push(`${table} ${key}: ${became.why}`);
      this.#unchanged.push({ ...row, why: became.why });
      return;
    }
    this.#counts[became] += 1;
    if (became === 'inserted' || became === 'updated') {
      const own = this.#byTable.get(table) ?? { table, inserted: 0, updated: 0 };
      own[became] += 1;
      this.#byTable.set(table, own);
    }
    if (became === 'changed') this.#unchanged.push({ ...row, why: 'changed since it was compared' });
  }

  total(): Applied {
    const byTable = [...this.#byTable.values()];
    return { ...this.#counts, refused: this.#refused, unchanged: this.#unchanged, byTable };
  }
}
