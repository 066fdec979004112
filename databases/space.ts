/** Whether there is room for rows that are copied, saved or backed up. */
import { statfs } from 'node:fs/promises';
import { quotedTable } from '../activities/effects/rows/table.js';
import type { Session } from '../activities/sql/session.js';
import { tableText } from '../strategy/kinds/effects/rows.js';
import type { TableName } from '../strategy/plan.js';
import type { DatabaseProblem } from './problem.js';

export interface Wanted {
  /** The id of the data migration. */
  readonly item: string;
  readonly table: TableName;
  /** Where the table is, and where the space is needed: a session and the name of its connection. */
  readonly from: Session;
  readonly session: Session;
  readonly where: string;
  /** How many times the size of the table. */
  readonly times: 1 | 2;
}

/** What is not there, or cannot be told. */
export async function checkSpace({
  item,
  table,
  from,
  session,
  where,
  times,
}: Wanted): Promise<readonly DatabaseProblem[]> {
  const sizeOf = 'select pg_total_relation_size(to_regclass($1))::text as bytes';
  const takes = Number((await from.query(sizeOf, [quotedTable(table)])).rows[0]?.bytes ?? 0);
  const needed = times * takes;
  const free = await freeBytes(session);
  if (free !== null && free >= needed) return [];
  const again = times === 1 ? 'as much again' : 'twice as much again';
  const size = `${tableText(table)} takes ${sizeText(takes)}, and its rows need ${again} on ${where}`;
  if (free === null) {
    // Below that, nobody plans a disk for it.
    if (needed < WORTH_MENTIONING) return [];
    const message = `${size}. Postgres does not tell how much is free there: look before you run it.`;
    return [{ severity: 'warning', subject: item, message }];
  }
  const message = `${size}, where ${sizeText(free)} are free. Free or add some.`;
  return [{ severity: 'error', subject: item, message }];
}

const WORTH_MENTIONING = 1024 ** 3;

/** Of the disk of a server on this host whose folder its user may know; null otherwise. */
async function freeBytes(session: Session): Promise<number | null> {
  const query = `select setting as folder from pg_settings where name = 'data_directory'
  and (inet_server_addr() is null or inet_server_addr() << '127.0.0.0/8' or inet_server_addr() = '::1')`;
  const folder = (await session.query(query)).rows[0]?.folder;
  if (folder == null) return null;
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    // In a container, the folder is another one.
    return null;
  }
}

function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ''}`;
}
