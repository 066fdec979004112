/**
 * `sluice.sync`: one row per pair of tables in each database. `mark` says up to where the changes of the other side are here, and
 * commits with them. Whoever applies holds the row first and reads the other side then: so a slow attempt never brings an older row
 * than the one that is here.
 *
 * States: `running` -> `cut_over` -> `finished`; from `cut_over` back to `running`; from any of them `undone`.
 */
import type { SyncAction } from '../../../strategy/plan.js';
import type { EffectJob } from '../../contract.js';
import type { Session } from '../../sql/session.js';
import { guardOf } from '../rows/pass.js';
import { quotedTable } from '../rows/table.js';
import { savedTable } from '../rows/transfer.js';

const DDL = `create schema if not exists sluice;
create table if not exists sluice.sync (
  id text not null,
  role text not null check (role in ('source', 'target')),
  run text not null,
  item text not null,
  source text not null,
  target text not null,
  state text not null check (state in ('running', 'cut_over', 'finished', 'undone')),
  mark text,
  rounds bigint not null default 0,
  at timestamptz not null default now(),
  primary key (id, role)
);
create table if not exists sluice.sync_pending (
  id text not null,
  role text not null,
  key text[] not null,
  primary key (id, role, key)
);
create table if not exists sluice.conflicts (
  id bigint generated always as identity primary key,
  sync text not null,
  item text not null,
  source_table text not null,
  key text[] not null,
  source jsonb,
  target jsonb,
  rule text not null,
  chosen text check (chosen in ('source', 'target')),
  state text not null check (state in ('open', 'closed')),
  base text not null,
  by text,
  at timestamptz not null default now()
);
create unique index if not exists conflicts_open on sluice.conflicts (sync, key) where state = 'open';
alter table sluice.conflicts drop constraint if exists conflicts_sync_key_base_key;
create unique index if not exists conflicts_once on sluice.conflicts
  (sync, key, base, md5(coalesce(source::text, '') || '/' || coalesce(target::text, ''))) where rule <> 'manual';
alter table sluice.conflicts add column if not exists batch text, add column if not exists reason text,
  add column if not exists stated jsonb, add column if not exists note text;`;

export type Role = 'source' | 'target';
export type SyncState = 'running' | 'cut_over' | 'finished' | 'undone';

export interface Sync {
  readonly id: string;
  readonly state: SyncState;
  readonly mark: string | null;
  readonly rounds: number;
}

/** Creates the tables when one is missing; safe however many do so at once. */
export async function ensureSyncs(session: Session): Promise<void> {
  const [row] = (
    await session.query(
      "select exists (select from pg_attribute where attrelid = to_regclass('sluice.conflicts') and attname = 'note')::text as found",
    )
  ).rows;
  if (row?.found === 'true') return;
  await session.query(
    `begin; select pg_advisory_xact_lock(hashtextextended('sluice.journal', 0)); ${DDL} commit`,
  );
}

/** The setting that says to the triggers of a pair that sluice writes. */
export function guardOfSync(id: string): string {
  return guardOf(savedTable(id));
}

/** Unquoted, of the change table, the function and the triggers on that side. */
export function nameOf(id: string, role: Role): string {
  return `${guardOfSync(id).replace('sluice.saved_', 'sync_')}_${role}`;
}

/** The id of the pair that the run has, for a later step than the one that began it. `session`: of the target. */
export async function findSync(session: Session, job: EffectJob<SyncAction>): Promise<string | null> {
  const [row] = (
    await session.query(
      `select id from sluice.sync where run = $1 and item = $2 and source = $3 and role = 'target' and state <> 'undone'`,
      [runOf(job), job.action.item, quotedTable(job.action.source)],
    )
  ).rows;
  return row?.id ?? null;
}

/** Reads the row and holds it until the transaction ends; null when there is none. */
export async function holdSync(session: Session, id: string, role: Role): Promise<Sync | null> {
  const [row] = (
    await session.query(
      'select state, mark, rounds::text from sluice.sync where id = $1 and role = $2 for update',
      [id, role],
    )
  ).rows;
  if (row === undefined) return null;
  return { id, state: stateOf(row.state ?? ''), mark: row.mark ?? null, rounds: Number(row.rounds) };
}

/** Writes the row, whether or not it is there. */
export async function writeSync(
  session: Session,
  job: EffectJob<SyncAction>,
  role: Role,
  { id, state, mark, rounds }: Sync,
): Promise<void> {
  const { item, source, target } = job.action;
  await session.query(
    `insert into sluice.sync (id, role, run, item, source, target, state, mark, rounds) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (id, role) do update set state = excluded.state, mark = excluded.mark, rounds = excluded.rounds, at = now()`,
    [id, role, runOf(job), item, quotedTable(source), quotedTable(target), state, mark, rounds],
  );
}

function runOf({ context }: EffectJob<SyncAction>): string {
  return `${context.run}/${context.execution}`;
}

function stateOf(text: string): SyncState {
  if (text === 'running' || text === 'cut_over' || text === 'finished' || text === 'undone') return text;
  throw new Error(`sluice.sync has the state "${text}".`);
}
