/** The identity of the database that a connection leads to. */
import pg from 'pg';
import { type DatabaseIdentity, describeDatabase, isSameDatabase } from '../../strategy/run/database.js';

interface Rows {
  readonly rows: readonly Readonly<Record<string, string | null>>[];
}

/** A connection leads to another database than when the run first used it. Nothing was run on it. */
export class OtherDatabase extends Error {
  override readonly name = 'OtherDatabase';

  constructor(connection: string, pinned: DatabaseIdentity, found: DatabaseIdentity) {
    super(
      `The connection ${connection} leads to another database than when this run first used it: then ` +
        `${describeDatabase(pinned)}, now ${describeDatabase(found)}. Nothing was run there. ` +
        'Point the connection back to the first one, restart the workers, and retry.',
    );
  }
}

const DATABASE =
  'pg_backend_pid()::text as pid, d.oid::text as oid, d.datname::text as name from pg_database d where d.datname = current_database()';
/** The same for a primary and its standbys, also after a failover; another one for whatever was set up by itself. */
const BY_SYSTEM = `select 'system ' || (select system_identifier::text from pg_control_system()) as system, ${DATABASE}`;
const BY_ADDRESS = `select concat('server ', inet_server_addr()::text, ':', inet_server_port()::text) as system, ${DATABASE}`;

/** SQLSTATE: the user may not call the function; the server does not have it. */
const WITHOUT_SYSTEM = ['42501', '42883'];

export interface Answering {
  readonly database: DatabaseIdentity;
  /** Of the server's process. */
  readonly pid: number;
}

/** Throws what `query` throws. */
export async function whoAnswers(query: (text: string) => Promise<Rows>): Promise<Answering> {
  const [row] = (
    await query(BY_SYSTEM).catch((error: unknown) => {
      if (error instanceof pg.DatabaseError && WITHOUT_SYSTEM.includes(error.code ?? ''))
        return query(BY_ADDRESS);
      throw error;
    })
  ).rows;
  const database = { system: row?.system ?? '', oid: row?.oid ?? '', name: row?.name ?? '' };
  return { database, pid: Number(row?.pid) };
}

/** Throws `OtherDatabase`. */
export function checkPin(connection: string, pinned: DatabaseIdentity | null, found: DatabaseIdentity): void {
  if (pinned !== null && !isSameDatabase(pinned, found)) throw new OtherDatabase(connection, pinned, found);
}
