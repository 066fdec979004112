/**
 * The journal: `sluice.journal` in the target database, one row per SQL effect.
 *
 * A row commits in the same transaction as the statements it stands for, so it is there exactly when they are. A
 * second attempt that inserts the same key waits for the first one's transaction to end, whatever became of its
 * connection, and then either finds the row or may continue.
 *
 * A `void` row says that an attempt reported a failure: a slower attempt of the same number, perhaps frozen since, must not
 * act any more. It is written while the key is held, so that neither can overtake the other.
 */
import type { EffectKey, RunContext } from '../../contract.js';
import type { Session } from '../../sql/session.js';

export const JOURNAL_DDL = `create schema if not exists sluice;
create table if not exists sluice.journal (
  key text primary key,
  run text not null,
  step text not null,
  purpose text not null,
  statement text not null,
  attempt integer not null,
  state text not null check (state in ('intent', 'done', 'void')),
  at timestamptz not null default now()
);`;

export interface Entry {
  readonly key: string;
  /** The key with the number of the deliberate attempt. */
  readonly voidKey: string;
  readonly run: string;
  /** Temporal's id of the run's first execution. */
  readonly execution: string;
  readonly effect: EffectKey;
  /** For people. */
  readonly statement: string;
}

/** `part`: which of several transactions of one effect; null when it is the only one. */
export function entryOf(
  { run, execution }: Pick<RunContext, 'run' | 'execution'>,
  effect: EffectKey,
  statement: string,
  part: number | null,
): Entry {
  const { subject, purpose, incarnation, index, attempt } = effect;
  const parts = [run, execution, subject, purpose, incarnation, index].map((name) =>
    encodeURIComponent(String(name)),
  );
  const key = parts.join('/') + (part === null ? '' : `#${part}`);
  return { key, voidKey: `${key}@${attempt}`, run, execution, effect, statement: statement.slice(0, 1_000) };
}

/** Creates the table when it is missing; safe however many do so at once. */
export async function ensureJournal(session: Session): Promise<void> {
  const [row] = (await session.query("select to_regclass('sluice.journal')::text as found")).rows;
  if (row?.found !== null) return;
  await session.query(
    `begin; select pg_advisory_xact_lock(hashtextextended('sluice.journal', 0)); ${JOURNAL_DDL} commit`,
  );
}

/** Adds a row; false when the key is there already. Waits for a transaction in progress that holds it. */
export async function enter(session: Session, entry: Entry, state: 'intent' | 'done'): Promise<boolean> {
  return insert(session, entry, entry.key, state);
}

/** The row of this key, if there is one, and the number of the deliberate attempt that wrote it. */
export async function find(
  session: Session,
  key: string,
): Promise<{ readonly state: string; readonly attempt: number } | null> {
  const [row] = (
    await session.query('select state, attempt::text as attempt from sluice.journal where key = $1', [key])
  ).rows;
  return row?.state == null ? null : { state: row.state, attempt: Number(row.attempt) };
}

/** Makes an earlier attempt's intent this attempt's own. */
export async function takeOver(session: Session, { key, effect }: Entry): Promise<void> {
  await session.querySteadily('update sluice.journal set attempt = $2, at = now() where key = $1', [
    key,
    String(effect.attempt),
  ]);
}

export async function markDone(session: Session, entry: Entry): Promise<void> {
  await session.querySteadily("update sluice.journal set state = 'done', at = now() where key = $1", [
    entry.key,
  ]);
}

/** Takes an intent back: what was intended is known not to have happened. */
export async function withdraw(session: Session, entry: Entry): Promise<void> {
  await session.querySteadily("delete from sluice.journal where key = $1 and state = 'intent'", [entry.key]);
}

/** Keeps slower attempts of the same number from acting; false when one of them has acted already. */
export async function declareVoid(session: Session, entry: Entry): Promise<boolean> {
  await session.querySteadily("begin; set local lock_timeout = '2s'");
  try {
    const free = await insert(session, entry, entry.key, 'intent');
    if (free) {
      await insert(session, entry, entry.voidKey, 'void');
      await withdraw(session, entry);
    }
    await session.querySteadily('commit');
    return free;
  } catch (error) {
    await session.querySteadily('rollback');
    throw error;
  }
}

/** Why this attempt must not act: one of the same number has reported a failure already, and this is a slower one. */
export async function refusalOf(session: Session, entry: Entry): Promise<string | null> {
  if ((await find(session, entry.voidKey)) === null) return null;
  return 'Another attempt at the same effect has already reported its failure. Nothing was run.';
}

async function insert(session: Session, entry: Entry, key: string, state: string): Promise<boolean> {
  const { run, effect, statement } = entry;
  const { rowCount } = await session.querySteadily(
    'insert into sluice.journal (key, run, step, purpose, statement, attempt, state) values ($1, $2, $3, $4, $5, $6, $7) on conflict (key) do nothing',
    [key, run, effect.subject, effect.purpose, statement, String(effect.attempt), state],
  );
  return rowCount === 1;
}
