/** Batches of rows that a person settles, in `sluice.review`: both rows as they were shown, and what became of them. */
import { randomUUID } from 'node:crypto';
import { tableText } from '../../strategy/kinds/effects/rows.js';
import type { ComparedTable, Reconciliation, Resolution } from '../../strategy/plan.js';
import { readTexts } from '../effects/rows/table.js';
import type { Session } from '../sql/session.js';
import type { ChosenRow, Unchanged } from './correct.js';
import type { Difference, DifferenceKind } from './differences.js';
import { commonHash } from './hash.js';
import { lookNow, type Pair } from './moment.js';
import { openSides } from './open-sides.js';
import { amongKeys, keyColumns } from './ranges.js';
import { keyText, type Side } from './side.js';
import { ensureStore, type Origin } from './store.js';

/** Keeps the rows for a person to settle; what was asked before and not answered is replaced. Returns the id of the batch. */
export async function openBatch(
  { item, tables }: Reconciliation,
  differences: readonly Difference[],
  pair: Pair,
  { run, execution, step }: Origin,
  limitMs: number,
): Promise<string> {
  await ensureStore(pair.target);
  await lookNow(pair, limitMs);
  const hash = await commonHash(pair);
  const rows: (readonly unknown[])[] = [];
  for (const table of tables) {
    const own = differences.filter((difference) => difference.table === tableText(table.target));
    if (own.length === 0) continue;
    const { sides } = await openSides(table, pair, { hash, limitMs });
    const keys = own.map(({ key }) => key);
    const there = await rowsOf(sides.source, keys);
    const here = await rowsOf(sides.target, keys);
    for (const { table: name, key, kind, detail, there: left, seen } of own) {
      const seenTexts = [left, seen].map((hashes) => (hashes === undefined ? null : JSON.stringify(hashes)));
      rows.push([
        ...[name, key, kind, JSON.stringify(detail)],
        ...[there.get(key) ?? null, here.get(key) ?? null, ...seenTexts],
      ]);
    }
  }
  for (const session of [pair.source, pair.target]) await session.query('rollback');
  const batch = randomUUID();
  const column = (index: number): readonly unknown[] => rows.map((row) => row[index]);
  await pair.target.query('begin');
  await pair.target.query(
    "delete from sluice.review where run = $1 and execution = $2 and step = $3 and item = $4 and status = 'pending'",
    [run, execution, step, item],
  );
  await pair.target.query(
    `insert into sluice.review (batch, run, execution, step, item, target, key, kind, columns, source_row, target_row, source_seen, target_seen)
select $1, $2, $3, $4, $5, * from unnest($6::text[], $7::jsonb[], $8::text[], $9::jsonb[], $10::jsonb[], $11::jsonb[], $12::jsonb[], $13::jsonb[])`,
    [batch, run, execution, step, item, ...[0, 1, 2, 3, 4, 5, 6, 7].map(column)],
  );
  await pair.target.querySteadily('commit');
  return batch;
}

async function rowsOf(side: Side, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const query = `select ${keyText(side)} as key, to_jsonb(t)::text as row from ${side.from} t where ${amongKeys(side)}`;
  const { rows } = await side.session.query(query, keyColumns(side, keys), side.limitMs);
  return new Map(rows.map(({ key, row }) => [key ?? '', row ?? '']));
}

export interface ReviewRow {
  readonly id: string;
  readonly difference: Difference;
  /** What a reviewer stated that the row must become, as JSON; null otherwise. */
  readonly stated: string | null;
}

/** The rows of a batch that are in this state. */
export async function batchRows(
  session: Session,
  batch: string,
  status: 'pending' | 'custom-pending',
): Promise<readonly ReviewRow[]> {
  const { rows } = await session.query(
    `select id::text as id, target, key::text as key, kind, columns::text as columns, source_seen::text as there,
  target_seen::text as seen, stated::text as stated from sluice.review where batch = $1 and status = $2 order by review.id`,
    [batch, status],
  );
  return rows.map(({ id, target, key, kind, columns, there, seen, stated }) => ({
    id: id ?? '',
    stated: stated ?? null,
    difference: {
      kind: kindOf(kind ?? ''),
      table: target ?? '',
      key: key ?? '[]',
      detail: readTexts(columns) ?? [],
      ...hashes('there', there),
      ...hashes('seen', seen),
    },
  }));
}

function hashes(name: 'there' | 'seen', json: string | null | undefined) {
  const list: unknown = JSON.parse(json ?? 'null');
  if (!Array.isArray(list)) return {};
  return { [name]: list.map((value) => (value === null ? null : String(value))) };
}

function kindOf(text: string): DifferenceKind {
  return text === 'missing' || text === 'extra' || text === 'temporal' ? text : 'different';
}

/** They stay as they are. */
export async function keepBatch(
  session: Session,
  batch: string,
  { by, reason }: Resolution,
): Promise<number> {
  const { rows } = await session.query(
    "update sluice.review set status = 'kept', by = $2, reason = $3, closed_at = now() where batch = $1 and status = 'pending' returning id::text as id",
    [batch, by, reason],
  );
  return rows.length;
}

/** Notes the reason beside what was applied, and why the rest was not; the next comparison asks about that again. */
export async function noteApplied(
  session: Session,
  batch: string,
  { reason }: Resolution,
  unchanged: readonly Unchanged[],
): Promise<void> {
  await session.query('begin');
  await session.query("update sluice.review set reason = $2 where batch = $1 and status = 'applied'", [
    batch,
    reason,
  ]);
  await session.query(
    `update sluice.review r set status = 'failed', note = u.why, reason = $4, closed_at = now()
from unnest($2::bigint[], $3::text[]) u(id, why) where r.id = u.id and r.batch = $1 and r.status = 'pending'`,
    [batch, unchanged.map(({ review }) => review), unchanged.map(({ why }) => why), reason],
  );
  await session.querySteadily('commit');
}

/** Of a review, the rows that are to become as the source has them. */
export function chosenOf(rows: readonly ReviewRow[]): readonly ChosenRow[] {
  return rows.map(({ id, difference }) => ({ difference, review: id }));
}

/** The tables of these differences. */
export function tableOf(
  { tables }: Reconciliation,
  { table: name }: Pick<Difference, 'table'>,
): ComparedTable | undefined {
  return tables.find(({ target }) => tableText(target) === name);
}
