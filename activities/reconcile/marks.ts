/**
 * Up to where a pair of tables is known to be equal, in `sluice.reconciled` of the target: a mark of either side, taken before it was
 * read, and the keys that differed. The next comparison looks at those, and at the rows that have changed since.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { ComparedTable } from '../../strategy/plan.js';
import { markNow } from '../effects/rows/changed-since.js';
import { quotedTable, readTexts } from '../effects/rows/table.js';
import { serverMessage } from '../sql/failure.js';
import type { Scope } from './kept.js';
import type { Pair } from './moment.js';

/** What a mark is of: of one run, as each run carries its item out anew. */
export interface Marked {
  readonly item: string;
  readonly scope: Scope;
  readonly table: ComparedTable;
  /** The column that says when a row changed. */
  readonly column: string;
}

/** Of either side, as its own clock has it. */
export interface Marks {
  readonly source: string;
  readonly target: string;
}

export interface Mark extends Marks {
  /** The texts of the keys that differed. */
  readonly open: readonly string[];
}

/** So many keys that differ are kept; with more of them, the next comparison is of every row. */
const MOST_OPEN = 10_000;

const DDL = `begin; select pg_advisory_xact_lock(hashtextextended('sluice.journal', 0)); create schema if not exists sluice;
create table if not exists sluice.reconciled (
  item text not null,
  run text not null,
  source text not null,
  target text not null,
  comparison text not null,
  source_mark text not null,
  target_mark text not null,
  open jsonb not null,
  at timestamptz not null default now(),
  primary key (item, run, source, target)
); commit`;

/** Outside of the transactions in which the rows are read, and before them. */
export async function marksNow({ source, target }: Pair): Promise<Marks> {
  for (const session of [source, target]) await session.query('rollback');
  return { source: await markNow(source), target: await markNow(target) };
}

/** Null when these tables have not been compared in this way before, and every row must be. */
export async function readMark({ target, source }: Pair, marked: Marked): Promise<Mark | null> {
  const may =
    "select coalesce(has_table_privilege(to_regclass('sluice.reconciled'), 'select'), false)::text as may";
  if ((await target.query(may)).rows[0]?.may !== 'true') return null;
  const { rows } = await target.query(
    `select source_mark, target_mark, open::text as open from sluice.reconciled
where item = $1 and run = $2 and source = $3 and target = $4 and comparison = $5`,
    [...keyOf(marked), comparisonOf({ source, target }, marked)],
  );
  const [row] = rows;
  if (row?.source_mark == null || row.target_mark == null) return null;
  return { source: row.source_mark, target: row.target_mark, open: readTexts(row.open) ?? [] };
}

/** Without the keys (null), what was known is forgotten. Why it could not be kept; null when it was. Ends the transactions that are open. */
export async function writeMark(
  pair: Pair,
  marked: Marked,
  { source, target, open }: Marks & { readonly open: readonly string[] | null },
): Promise<string | null> {
  const session = pair.target;
  for (const own of [pair.source, session]) await own.query('rollback');
  try {
    const found = "select (to_regclass('sluice.reconciled') is not null)::text as found";
    if ((await session.query(found)).rows[0]?.found !== 'true') await session.query(DDL);
    if (open === null || open.length > MOST_OPEN) {
      await session.query(
        'delete from sluice.reconciled where item = $1 and run = $2 and source = $3 and target = $4',
        keyOf(marked),
      );
      return null;
    }
    await session.query(
      `insert into sluice.reconciled (item, run, source, target, comparison, source_mark, target_mark, open) values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (item, run, source, target) do update set comparison = excluded.comparison, source_mark = excluded.source_mark,
  target_mark = excluded.target_mark, open = excluded.open, at = now()`,
      [...keyOf(marked), comparisonOf(pair, marked), source, target, JSON.stringify(open)],
    );
    return null;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    await session.query('rollback');
    return serverMessage(error);
  }
}

function keyOf({ item, scope, table: { source, target } }: Marked): readonly string[] {
  const run = scope === null ? '' : `${scope.run} ${scope.execution}`;
  return [item, run, quotedTable(source), quotedTable(target)];
}

/** A mark says nothing about other rules, or another database. */
function comparisonOf({ source, target }: Pair, { table, column }: Marked): string {
  const { times: _, ...compared } = table;
  const parts = [compared, column, source.database, target.database];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
