/**
 * What comparisons keep in the target's database. `sluice.correction`: every row that was corrected, as it was and as it became; the
 * undo goes by it. `sluice.review`: rows that a person settles.
 *
 * States of a review: `pending` -> `applied`, `kept`, `custom-pending` -> `applied`, or `failed`, which the next comparison asks about
 * again; `undone` once the step was undone.
 */
import type { Session } from '../sql/session.js';

/** The step that corrects; null for a person without a run. */
export interface Origin {
  readonly run: string;
  readonly execution: string;
  readonly step: string;
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
);
alter table sluice.correction add column if not exists run text, add column if not exists execution text,
  add column if not exists step text, add column if not exists undone_at timestamptz;
create table if not exists sluice.review (
  id bigint generated always as identity primary key,
  batch text not null,
  run text not null,
  execution text not null,
  step text not null,
  item text not null,
  target text not null,
  key jsonb not null,
  kind text not null,
  columns jsonb not null,
  source_row jsonb,
  target_row jsonb,
  source_seen jsonb,
  target_seen jsonb,
  status text not null default 'pending' check (status in ('pending', 'applied', 'kept', 'custom-pending', 'failed', 'undone')),
  stated jsonb,
  note text,
  by text,
  reason text,
  opened_at timestamptz not null default now(),
  closed_at timestamptz
);
create index if not exists review_batch on sluice.review (batch);
create index if not exists review_item on sluice.review (item, target) where status = 'kept';
commit`;

/** Ends the transaction that is open, and creates what is missing; safe however many do so at once. */
export async function ensureStore(session: Session): Promise<void> {
  await session.query('rollback');
  const [row] = (
    await session.query(
      `select (to_regclass('sluice.review') is not null and exists (select from information_schema.columns
  where table_schema = 'sluice' and table_name = 'correction' and column_name = 'undone_at'))::text as found`,
    )
  ).rows;
  if (row?.found !== 'true') await session.query(DDL);
}

/** True when there is a table of reviews to look into. */
export async function hasReviews(session: Session): Promise<boolean> {
  const [row] = (await session.query("select (to_regclass('sluice.review') is not null)::text as found"))
    .rows;
  return row?.found === 'true';
}
