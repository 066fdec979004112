/** A setting of Postgres: of the whole server (ALTER SYSTEM), of the database, of a role, or of a role in the database. */
import { setTimeout as wait } from 'node:timers/promises';
import { escapeIdentifier } from 'pg';
import type { DatabaseSetting } from '../../../strategy/plan.js';
import { Refusal } from '../../refusal.js';
import { Session } from '../../sql/session.js';
import { targetOf } from '../../sql/target.js';
import { canonical, literal, type SettingType } from './database-value.js';
import type { Reading, SettingStore, StoreContext } from './store.js';

/** How long a server may take to read its configuration again. */
const RELOAD_MS = 10_000;
const POLL_MS = 50;

/** Throws what `Session.open` throws as well. */
export async function openDatabaseSetting(
  target: DatabaseSetting,
  { run, dependencies }: StoreContext,
): Promise<SettingStore> {
  const { url, name, pin } = await targetOf(run, target.connection, dependencies.env);
  const session = await Session.open({ url, name, pin });
  try {
    return new Store(session, target, await typeOf(session, target), await subjectOf(session, target, name));
  } catch (error) {
    await session.close();
    throw error;
  }
}

interface Subject {
  /** What follows ALTER. */
  readonly clause: string;
  /** Of `pg_db_role_setting`; "0" stands for all. */
  readonly database: string;
  readonly role: string;
}

class Store implements SettingStore {
  constructor(
    readonly session: Session,
    readonly target: DatabaseSetting,
    readonly type: SettingType & { readonly known: boolean },
    readonly subject: Subject,
  ) {}

  async read(): Promise<Reading> {
    const set = this.target.scope === 'system' ? await this.#readSystem() : await this.#readStored();
    if (set !== null) return { set, inForce: set };
    const [row] = (await this.session.query('select current_setting($1, true) as value', [this.type.name]))
      .rows;
    return { set, inForce: row?.value ?? null };
  }

  same(one: string, other: string): boolean {
    return canonical(one, this.type) === canonical(other, this.type);
  }

  async write(value: string | null): Promise<void> {
    const name = this.type.name.split('.').map(escapeIdentifier).join('.');
    const change = value === null ? `reset ${name}` : `set ${name} to ${literal(value, this.type)}`;
    // Not to be cancelled half-way: afterwards it is certain whether it happened.
    await this.session.querySteadily(`alter ${this.subject.clause} ${change}`);
    if (this.target.scope === 'system') await this.#reload(value);
  }

  close(): Promise<void> {
    return this.session.close();
  }

  /** Of two lines in postgresql.auto.conf the later one counts. */
  async #readSystem(): Promise<string | null> {
    const { rows } = await this.session.query(
      "select setting from pg_file_settings where lower(name) = lower($1) and sourcefile like '%postgresql.auto.conf' order by seqno desc limit 1",
      [this.type.name],
    );
    return rows[0]?.setting ?? null;
  }

  async #readStored(): Promise<string | null> {
    const { rows } = await this.session.query(
      "select substr(entry, strpos(entry, '=') + 1) as value from pg_db_role_setting, unnest(setconfig) entry where setdatabase = $1 and setrole = $2 and lower(split_part(entry, '=', 1)) = lower($3)",
      [this.subject.database, this.subject.role, this.type.name],
    );
    return rows[0]?.value ?? null;
  }

  /** Waits until this session has the new configuration, then looks whether the value counts. */
  async #reload(value: string | null): Promise<void> {
    const loadedAt = 'pg_conf_load_time()::text as at';
    const before = (await this.session.query(`select ${loadedAt}`)).rows[0]?.at;
    await this.session.query('select pg_reload_conf()');
    const deadline = Date.now() + RELOAD_MS;
    while ((await this.session.query(`select ${loadedAt}`)).rows[0]?.at === before) {
      if (Date.now() > deadline) {
        throw new Refusal(
          `${this.type.name} was set, and the server has not read its configuration again within 10 s. Look at the log of the server, and retry.`,
        );
      }
      await wait(POLL_MS);
    }
    if (value !== null && this.type.known) await this.#checkInForce(value);
  }

  async #checkInForce(value: string): Promise<void> {
    const [row] = (
      await this.session.query(
        'select reset_val, source, pending_restart::text as restart from pg_settings where name = $1',
        [this.type.name],
      )
    ).rows;
    // Sessions of this user have a value of their own, which hides that of the server.
    const hidden = ['database', 'user', 'database user'].includes(row?.source ?? '');
    if (hidden || row?.restart === 'true' || this.same(row?.reset_val ?? '', value)) return;
    throw new Refusal(
      `${this.type.name} was set to ${value}, and the server goes on using ${row?.reset_val ?? 'another value'}, which comes from its ${row?.source ?? 'environment'}. Remove it there, and retry.`,
    );
  }
}

async function typeOf(
  session: Session,
  { setting }: DatabaseSetting,
): Promise<SettingType & { readonly known: boolean }> {
  const { rows } = await session.query(
    'select name, vartype, unit from pg_settings where lower(name) = lower($1)',
    [setting],
  );
  const [row] = rows;
  if (row?.name != null) {
    return { name: row.name, vartype: row.vartype ?? 'string', unit: row.unit ?? null, known: true };
  }
  // An extension or the application may read any name with a dot in it.
  if (setting.includes('.')) return { name: setting, vartype: 'string', unit: null, known: false };
  throw new Refusal(
    `The database has no setting "${setting}". Nothing was changed. Correct the item's entry in the bindings, and submit the strategy again.`,
  );
}

async function subjectOf(session: Session, target: DatabaseSetting, database: string): Promise<Subject> {
  const { oid, name } = session.database;
  const here = `database ${escapeIdentifier(name)}`;
  if (target.role === null) {
    if (target.scope === 'system') return { clause: 'system', database: '0', role: '0' };
    return { clause: here, database: oid, role: '0' };
  }
  const role = (
    await session.query('select oid::text as oid from pg_roles where rolname = $1', [target.role])
  ).rows[0]?.oid;
  if (role == null) {
    throw new Refusal(
      `The database ${database} has no role "${target.role}". Nothing was changed. Create the role or correct the bindings, and retry.`,
    );
  }
  const clause = `role ${escapeIdentifier(target.role)}`;
  if (target.scope === 'database') return { clause: `${clause} in ${here}`, database: oid, role };
  return { clause, database: '0', role };
}
