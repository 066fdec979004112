/**
 * `sluice.transfer` in the database: one row per table that an item copies or changes. It says how far the rows are, and
 * commits with them: a repeat goes on after `last_key`, and an attempt that was frozen meanwhile finds the row ahead of it.
 *
 * States: `applying` -> `applied`, and from either of them `undoing` -> `undone`.
 */
import { createHash } from 'node:crypto';
import type { RowsAction, TableName } from '../../../strategy/plan.js';
import type { EffectJob } from '../../contract.js';
import type { Session } from '../../sql/session.js';
import { quoted, readTexts } from './table.js';

const DDL = `create schema if not exists sluice;
create table if not exists sluice.transfer (
  id text primary key,
  run text not null,
  step text not null,
  item text not null,
  source text not null,
  state text not null check (state in ('applying', 'applied', 'undoing', 'undone')),
  attempt integer not null,
  last_key text[],
  upper_key text[],
  read bigint not null default 0,
  written bigint not null default 0,
  filtered bigint not null default 0,
  quarantined bigint not null default 0,
  rate double precision,
  at timestamptz not null default now()
);
create table if not exists sluice.quarantine (
  transfer text not null,
  key text[] not null,
  row jsonb,
  sqlstate text not null,
  error text not null,
  at timestamptz not null default now(),
  primary key (transfer, key)
);`;

export type TransferState = 'applying' | 'applied' | 'undoing' | 'undone';

export interface Counts {
  readonly read: number;
  readonly written: number;
  /** Left out by the item's condition. In an undo: could not be restored. */
  readonly filtered: number;
  readonly quarantined: number;
}

export interface Transfer extends Counts {
  readonly state: TransferState;
  readonly attempt: number;
  /** The key of the last row that is done; null before the first. */
  readonly lastKey: readonly string[] | null;
  /** The last key there was at the start; null for a table without rows. */
  readonly upperKey: readonly string[] | null;
  /** Rows per second, as a person has set it; null without. */
  readonly rate: number | null;
}

export const NO_ROWS: Counts = { read: 0, written: 0, filtered: 0, quarantined: 0 };

/** What makes it one and the same. */
export interface Transferring extends Pick<EffectJob, 'context' | 'key'> {
  readonly action: Pick<RowsAction, 'item' | 'source'> & Partial<Pick<RowsAction, 'change'>>;
}

/** The same for the change and for the undo of it. */
export function transferId({ context, key, action }: Transferring): string {
  const { schema, table } = action.source;
  const parts = [context.run, context.execution, key.subject, key.incarnation, action.item, schema, table];
  if (action.change?.do === 'deliver') parts.push('delivery');
  return parts.map((part) => encodeURIComponent(String(part))).join('/');
}

/** Quoted. */
export function savedTable(id: string): string {
  const { schema, table } = savedName(id);
  return `${schema}.${quoted(table)}`;
}

function savedName(id: string): TableName {
  return { schema: 'sluice', table: `saved_${createHash('sha256').update(id).digest('hex').slice(0, 32)}` };
}

/** Where the rows are read: of a delivery, where the `delete` of the same table has saved them. */
export function readFrom({
  context,
  key,
  action,
}: Pick<EffectJob<RowsAction>, 'context' | 'key' | 'action'>): TableName {
  const { item, source, change } = action;
  return change.do === 'deliver' ? savedName(transferId({ context, key, action: { item, source } })) : source;
}

/** Creates the tables when one is missing; safe however many do so at once. */
export async function ensureTransfers(session: Session): Promise<void> {
  const [row] = (
    await session.query(
      "select (to_regclass('sluice.transfer') is not null and to_regclass('sluice.quarantine') is not null)::text as found",
    )
  ).rows;
  if (row?.found === 'true') return;
  await session.query(
    `begin; select pg_advisory_xact_lock(hashtextextended('sluice.journal', 0)); ${DDL} commit`,
  );
}

/** Reads the row and holds it until the transaction ends; null when there is none. */
export async function holdTransfer(session: Session, id: string): Promise<Transfer | null> {
  const [row] = (
    await session.query(
      `select state, attempt::text, to_json(last_key)::text as last_key, to_json(upper_key)::text as upper_key,
  read::text, written::text, filtered::text, quarantined::text, rate::text from sluice.transfer where id = $1 for update`,
      [id],
    )
  ).rows;
  if (row === undefined) return null;
  return {
    state: stateOf(row.state ?? ''),
    attempt: Number(row.attempt),
    lastKey: readTexts(row.last_key),
    upperKey: readTexts(row.upper_key),
    read: Number(row.read),
    written: Number(row.written),
    filtered: Number(row.filtered),
    quarantined: Number(row.quarantined),
    rate: row.rate == null ? null : Number(row.rate),
  };
}

function stateOf(text: string): TransferState {
  if (text === 'applying' || text === 'applied' || text === 'undoing' || text === 'undone') return text;
  throw new Error(`sluice.transfer has the state "${text}".`);
}

/** Writes the row, whether or not it is there; the transaction must hold it if it is. */
export async function writeTransfer(
  session: Session,
  { context, key, action }: Transferring,
  id: string,
  transfer: Omit<Transfer, 'rate'>,
): Promise<void> {
  const { state, attempt, lastKey, upperKey, read, written, filtered, quarantined } = transfer;
  await session.query(
    `insert into sluice.transfer (id, run, step, item, source, state, attempt, last_key, upper_key, read, written, filtered, quarantined)
values ($1, $2, $3, $4, $5, $6, $7, $8::text[], $9::text[], $10, $11, $12, $13)
on conflict (id) do update set state = excluded.state, attempt = excluded.attempt, last_key = excluded.last_key,
  upper_key = excluded.upper_key, read = excluded.read, written = excluded.written, filtered = excluded.filtered,
  quarantined = excluded.quarantined, at = now()`,
    [
      ...[id, context.run, key.subject, action.item, `${action.source.schema}.${action.source.table}`],
      ...[state, attempt, lastKey, upperKey, read, written, filtered, quarantined],
    ],
  );
}
