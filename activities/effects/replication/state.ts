/**
 * `sluice.stream` on the target: one row per stream. It says which side takes the writes, and which of the later attempts may
 * still act. Its objects are made and removed by name, so that a repeat finds what is there.
 *
 * `copying` -> `in-sync` -> `cutting-over` -> `cut-over` -> `switching-back` -> `in-sync`; from `cut-over` -> `finished`, and
 * from the others -> `undone`. Clients may write to the source in `copying`, `in-sync` and (until the fence) `cutting-over`; to the target
 * in `cut-over` and (until the fence) `switching-back`; never to both.
 */
import type { StreamAction } from '../../../strategy/plan.js';
import type { EffectJob } from '../../contract.js';
import type { Session } from '../../sql/session.js';
import { namesOf } from './names.js';

const DDL = `create schema if not exists sluice;
create table if not exists sluice.stream (
  id text primary key,
  run text not null,
  item text not null,
  name text not null,
  state text not null,
  started integer not null,
  switched integer not null default -1,
  columns text not null default '',
  lsn pg_lsn,
  at timestamptz not null default now()
);
alter table sluice.stream add column if not exists relay text;`;

const STATES = [
  'copying',
  'in-sync',
  'cutting-over',
  'cut-over',
  'switching-back',
  'switched-back',
  'finished',
  'undone',
] as const;

export type StreamState = (typeof STATES)[number];

export interface Stream {
  readonly state: StreamState;
  /** How often the step of the start was undone when it began: an earlier attempt may not begin again. */
  readonly started: number;
  /** The same for the last cut-over that was switched back; -1 before. */
  readonly switched: number;
  /** The columns of the source when it began, as text. */
  readonly columns: string;
  /** Why the worker relays the changes; null where the servers do without it. Decided once. */
  readonly relay: string | null;
}

/** Of a stream that never began. */
export const NEVER: Stream = { state: 'undone', started: -1, switched: -1, columns: '', relay: null };

/** Creates the table; safe however many do so at once. */
export async function ensureStreams(session: Session): Promise<void> {
  const column =
    "select from pg_attribute where attrelid = to_regclass('sluice.stream') and attname = 'relay'";
  if ((await session.query(column)).rowCount === 1) return;
  await session.query(
    `begin; select pg_advisory_xact_lock(hashtextextended('sluice.journal', 0)); ${DDL} commit`,
  );
}

/** The schema for the functions of triggers. */
export async function ensureSchema(session: Session): Promise<void> {
  const [row] = (await session.query("select to_regnamespace('sluice')::text as found")).rows;
  if (row?.found != null) return;
  await session.query(
    "begin; select pg_advisory_xact_lock(hashtextextended('sluice.journal', 0)); create schema if not exists sluice; commit",
  );
}

/** True when no other attempt is at the stream. It lasts until the session ends. */
export async function takeStream(session: Session, id: string): Promise<boolean> {
  const [row] = (
    await session.query(
      "select pg_try_advisory_lock(hashtextextended('sluice.stream ' || $1, 0))::text as mine",
      [id],
    )
  ).rows;
  return row?.mine === 'true';
}

/** Null when it never began. */
export async function readStream(session: Session, id: string): Promise<Stream | null> {
  const [row] = (
    await session.query(
      'select state, started::text, switched::text, columns, relay from sluice.stream where id = $1',
      [id],
    )
  ).rows;
  if (row === undefined) return null;
  const state = STATES.find((known) => known === row.state);
  if (state === undefined) throw new Error(`sluice.stream has the state "${row.state ?? ''}".`);
  return {
    state,
    started: Number(row.started),
    switched: Number(row.switched),
    columns: row.columns ?? '',
    relay: row.relay ?? null,
  };
}

/** Writes the row, whether or not it is there. */
export async function writeStream(
  session: Session,
  job: EffectJob<StreamAction>,
  { state, started, switched, columns, relay }: Stream,
): Promise<void> {
  const { id, prefix } = namesOf(job);
  await session.querySteadily(
    `insert into sluice.stream (id, run, item, name, state, started, switched, columns, relay) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (id) do update set state = excluded.state, started = excluded.started, switched = excluded.switched,
  columns = excluded.columns, relay = excluded.relay, at = now()`,
    [id, job.context.run, job.action.item, prefix, state, started, switched, columns, relay],
  );
}

/** Notes up to where the other side must have read before the writes are switched. */
export async function noteFixedLsn(session: Session, id: string, lsn: string): Promise<void> {
  await session.query('update sluice.stream set lsn = $2 where id = $1', [id, lsn]);
}
