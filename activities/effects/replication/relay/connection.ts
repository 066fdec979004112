/** A connection that speaks the replication protocol. */
import pg from 'pg';
import type { ReplicationClientConfig } from 'pg-logical-replication';
import { asLost } from '../../../sql/session.js';
import { quoted } from '../../rows/table.js';

/** A slot is made once the write transactions of its whole server that were open have ended: how long that is waited for. */
const SLOT_MS = 30_000;
const CONNECT_MS = 5_000;

/** Values are written as every server reads them, whatever the settings of the database are. */
const OPTIONS = `-c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=3 -c lock_timeout=${SLOT_MS}`;

export function replicationConfig(url: string): ReplicationClientConfig {
  const own = new URL(url);
  const options = own.searchParams.get('options');
  own.searchParams.set('options', options === null ? OPTIONS : `${options} ${OPTIONS}`);
  return {
    connectionString: own.toString(),
    replication: 'database',
    application_name: 'sluice',
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  };
}

export interface NewSlot {
  /** Everything that was committed before it is in the snapshot, and the slot sends the rest. */
  readonly lsn: string;
  readonly snapshot: string;
}

/** Makes a slot, and keeps the snapshot at which it begins while the work lasts. */
export async function withNewSlot<T>(
  url: string,
  name: string,
  work: (slot: NewSlot) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(replicationConfig(url));
  client.on('error', () => undefined);
  try {
    return await work(await newSlot(client, name));
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Throws `ConnectionLost`, or what the server says. */
async function newSlot(client: pg.Client, name: string): Promise<NewSlot> {
  try {
    await client.connect();
    const { rows } = await client.query<{ consistent_point: string; snapshot_name: string }>(
      `CREATE_REPLICATION_SLOT ${quoted(name)} LOGICAL pgoutput EXPORT_SNAPSHOT`,
    );
    const [row] = rows;
    if (row === undefined) throw new Error('The server has answered nothing about the new slot.');
    return { lsn: row.consistent_point, snapshot: row.snapshot_name };
  } catch (error) {
    throw asLost(error);
  }
}
