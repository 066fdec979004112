/**
 * Corrects rows of the target that a comparison found to differ: missing ones are inserted, different columns overwritten with what the
 * source gives. Each batch of rows is one transaction of the target, with the rows as they were in `sluice.correction`. A row
 * is corrected only if it still is as it was compared; extra rows are left alone.
 */
import pg from 'pg';
import { tableText } from '../../strategy/kinds/effects/rows.js';
import type { ComparedTable, Reconciliation } from '../../strategy/plan.js';
import { interruption } from '../attempt.js';
import { mapping } from '../effects/rows/pass.js';
import { quoted, readTable } from '../effects/rows/table.js';
import { serverMessage } from '../sql/failure.js';
import { type Correction, type Difference, isCorrectable } from './differences.js';
import { commonHash, lookNow, type Pair } from './moment.js';
import { amongKeys, keyColumns, valueHashes } from './ranges.js';
import { openSides } from './reconcile.js';
import { keyText, type Side, type Sides } from './side.js';

export interface Corrections {
  readonly inserted: number;
  readonly updated: number;
  /** Rows that had changed since they were compared. */
  readonly changed: number;
  /** Why rows were refused, each with its key; they are as they were. */
  readonly refused: readonly string[];
}

export interface CorrectionSettings {
  readonly correct: Correction;
  /** Who corrects. */
  readonly by: string;
  readonly limitMs: number;
}

const DDL = `begin; select pg_advisory_xact_lock(hashtextextended('sluice.journal', 0)); create schema if not exists sluice;
create table if not exists sluice.correction (
  id bigint generated always as identity primary key,
  item text not null,
  target text not null,
  key jsonb not null,
  kind text not null,
  before jsonb,
  after jsonb,
  by text not null,
  at timestamptz not null default now()
); commit`;

/** Throws what the databases answer, except about single rows. */
export async function correct(
  { item, tables }: Reconciliation,
  differences: readonly Difference[],
  pair: Pair,
  settings: CorrectionSettings,
): Promise<Corrections> {
  const total = { inserted: 0, updated: 0, changed: 0, refused: [] as string[] };
  await pair.target.query('rollback');
  await pair.target.query(DDL);
  const { limitMs } = settings;
  await lookNow(pair, limitMs);
  const hash = await commonHash(pair);
  for (const compared of tables) {
    const name = tableText(compared.target);
    const own = differences.filter((found) => found.table === name && isCorrectable(found, settings.correct));
    if (own.length === 0) continue;
    await lookNow(pair, limitMs);
    const { sides } = await openSides(compared, pair, { hash, limitMs });
    const rows = await sourceRows(compared, sides.source, pair, own);
    await pair.target.query('rollback');
    for (const difference of own) {
      if (interruption() !== null) return total;
      const row = rows.get(difference.key);
      const work = { item, name, by: settings.by, difference, row };
      const became = row === undefined ? 'changed' : await correctRow(sides, { ...work, row });
      if (became === 'inserted' || became === 'updated' || became === 'changed') total[became] += 1;
      else total.refused.push(`${name} ${difference.key}: ${became.why}`);
    }
  }
  return total;
}

/** The rows of the source as the target must have them: columns, with their values as text. */
interface SourceRow {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly values: readonly (string | null)[];
}

async function sourceRows(
  compared: ComparedTable,
  side: Side,
  { source, target }: Pair,
  differences: readonly Difference[],
): Promise<ReadonlyMap<string, SourceRow>> {
  const from = await readTable(source, compared.source);
  const into = await readTable(target, compared.target);
  if (from === null || into === null) return new Map();
  const mapped = mapping(compared, from, into);
  const columns = mapped.map(({ column: { name, type } }) => ({ name, type }));
  const list = mapped.map(({ column, value }) => {
    return column.base === null ? `(${value})::text` : `((${value})::${column.base})::text`;
  });
  const query = `select ${keyText(side)} as key, json_build_array(${list.join(', ')})::text as list from ${side.from}
  where ${amongKeys(side)} and (${side.where})`;
  const keys = differences.map(({ key }) => key);
  const { rows } = await source.query(query, keyColumns(side, keys), side.limitMs);
  return new Map(rows.map(({ key, list: json }) => [key ?? '', { columns, values: textsOf(json) }]));
}

function textsOf(json: string | null | undefined): readonly (string | null)[] {
  const list: unknown = JSON.parse(json ?? '[]');
  return Array.isArray(list) ? list.map((value) => (value === null ? null : String(value))) : [];
}

interface RowWork {
  readonly item: string;
  readonly name: string;
  readonly by: string;
  readonly difference: Difference;
  readonly row: SourceRow;
}

type Became = 'inserted' | 'updated' | 'changed' | { readonly why: string };

async function correctRow({ target }: Sides, work: RowWork): Promise<Became> {
  const { session } = target;
  await session.query('begin');
  try {
    await session.query(
      `select set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'postgres', true), set_config('timezone', 'UTC', true),
  set_config('extra_float_digits', '1', true), set_config('lock_timeout', '2s', true)`,
    );
    const became =
      work.difference.kind === 'missing' ? await insert(target, work) : await update(target, work);
    await session.querySteadily(became === 'changed' ? 'rollback' : 'commit');
    return became;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    await session.querySteadily('rollback');
    return { why: serverMessage(error) };
  }
}

const NOTE = `insert into sluice.correction (item, target, key, kind, before, after, by) values ($1, $2, $3::jsonb, $4, $5::jsonb, $6::jsonb, $7)`;

async function insert(
  { session, from }: Side,
  { item, name, by, difference, row }: RowWork,
): Promise<Became> {
  const { columns, values } = row;
  const query = `insert into ${from} as t (${columns.map((column) => quoted(column.name)).join(', ')}) overriding system value
  values (${columns.map(({ type }, index) => `$${index + 1}::text::${type}`).join(', ')}) on conflict do nothing returning to_jsonb(t)::text as after`;
  const [done] = (await session.query(query, values)).rows;
  if (done === undefined) return 'changed';
  await session.query(NOTE, [item, name, difference.key, 'missing', null, done.after, by]);
  return 'inserted';
}

async function update(target: Side, { item, name, by, difference, row }: RowWork): Promise<Became> {
  const { session } = target;
  const keys = keyColumns(target, [difference.key]);
  const lock = `select to_jsonb(t)::text as before from ${target.from} t where ${amongKeys(target)} for update`;
  const [found] = (await session.query(lock, keys)).rows;
  const now = (await valueHashes(target, [difference.key])).get(difference.key);
  if (found === undefined || JSON.stringify(now) !== JSON.stringify(difference.seen)) return 'changed';
  const set = row.columns.flatMap(({ name: column, type }, index) =>
    difference.detail.includes(column) ? [{ column, type, value: row.values[index] ?? null }] : [],
  );
  const from = target.key.length + 1;
  const query = `update ${target.from} t set ${set.map(({ column, type }, index) => `${quoted(column)} = $${from + index}::text::${type}`).join(', ')}
  where ${amongKeys(target)} returning to_jsonb(t)::text as after`;
  const [done] = (await session.query(query, [...keys, ...set.map(({ value }) => value)])).rows;
  if (done === undefined) return 'changed';
  await session.query(NOTE, [item, name, difference.key, 'different', found.before, done.after, by]);
  return 'updated';
}
