/**
 * `sluice.backup` in the database: one row per item and connection. It commits with the tables of the backup, so that a repeat finds
 * what was done. States: `made` -> `marked` -> `restored`; an item that fails half-way goes from `made` to `restored`.
 */
import { createHash } from 'node:crypto';
import type { BackupAction, TableName } from '../../../strategy/plan.js';
import type { EffectJob } from '../../contract.js';
import type { Session } from '../../sql/session.js';
import { quoted, quotedTable } from '../rows/table.js';

const DDL = `create schema if not exists sluice;
create table if not exists sluice.backup (
  id text primary key,
  run text not null,
  item text not null,
  state text not null check (state in ('made', 'marked', 'restored')),
  sums jsonb not null,
  made_at timestamptz not null default now(),
  at timestamptz not null default now()
);`;

export type BackupState = 'made' | 'marked' | 'restored';

/** The number of rows of a table and the sum of their hashes, as text, by the quoted name of the table. */
export type Sums = Readonly<Record<string, string>>;

export interface Backup {
  readonly state: BackupState;
  readonly sums: Sums;
  /** As the database writes it. */
  readonly madeAt: string;
}

type Job = EffectJob<BackupAction>;

/** The same for all tasks of a backup. */
export function backupId({ context, key, action }: Job): string {
  const parts = [
    context.run,
    context.execution,
    key.subject,
    key.incarnation,
    action.item,
    action.connection,
  ];
  return parts.map((part) => encodeURIComponent(String(part))).join('/');
}

/** Names of what belongs to one table of a backup, all in the schema `sluice`. */
export interface Names {
  /** The rows as they were. */
  readonly rows: TableName;
  /** The keys and hashes of the rows as the item left them. */
  readonly end: TableName;
  /** Where it is restored on trial. */
  readonly proof: TableName;
  /** Rows that a restore has taken out of the table. */
  readonly lost: TableName;
}

export function namesOf(id: string, table: TableName): Names {
  const hash = createHash('sha256')
    .update(`${id} ${quotedTable(table)}`)
    .digest('hex')
    .slice(0, 32);
  const named = (what: string): TableName => ({ schema: 'sluice', table: `${what}_${hash}` });
  return { rows: named('backup'), end: named('end'), proof: named('proof'), lost: named('lost') };
}

/** Creates the table when it is missing; safe however many do so at once. */
export async function ensureBackups(session: Session): Promise<void> {
  const [row] = (await session.query("select (to_regclass('sluice.backup') is not null)::text as found"))
    .rows;
  if (row?.found === 'true') return;
  await session.query(
    `begin; select pg_advisory_xact_lock(hashtextextended('sluice.journal', 0)); ${DDL} commit`,
  );
}

/** Reads the row and holds it until the transaction ends; null when there is none. */
export async function holdBackup(session: Session, id: string): Promise<Backup | null> {
  const [row] = (
    await session.query(
      'select state, sums::text, made_at::timestamptz(0)::text as made_at from sluice.backup where id = $1 for update',
      [id],
    )
  ).rows;
  if (row === undefined) return null;
  return { state: stateOf(row.state ?? ''), sums: sumsOf(row.sums), madeAt: row.made_at ?? '' };
}

/** False when there is a row already, also one of a transaction that was not over. */
export async function beginBackup(
  session: Session,
  { context, action }: Job,
  { id, state, sums }: Omit<Backup, 'madeAt'> & { readonly id: string },
): Promise<boolean> {
  const { rowCount } = await session.query(
    'insert into sluice.backup (id, run, item, state, sums) values ($1, $2, $3, $4, $5::jsonb) on conflict (id) do nothing',
    [id, `${context.run}/${context.execution}`, action.item, state, JSON.stringify(sums)],
  );
  return rowCount === 1;
}

export async function setState(session: Session, id: string, state: BackupState): Promise<void> {
  await session.query('update sluice.backup set state = $2, at = now() where id = $1', [id, state]);
}

/** For people: "sluice.backup_...". */
export function nameText({ schema, table }: TableName): string {
  return `${schema}.${quoted(table).replaceAll('"', '')}`;
}

function stateOf(text: string): BackupState {
  if (text === 'made' || text === 'marked' || text === 'restored') return text;
  throw new Error(`sluice.backup has the state "${text}".`);
}

function sumsOf(json: string | null | undefined): Sums {
  const value: unknown = JSON.parse(json ?? '{}');
  if (typeof value !== 'object' || value === null) throw new Error('sluice.backup has no sums.');
  return Object.fromEntries(Object.entries(value).map(([name, sum]) => [name, String(sum)]));
}
