/** Publications, slots and subscriptions: made when they are missing, removed when they are there. */
import type { TableName } from '../../../strategy/plan.js';
import { pause } from '../../attempt.js';
import { point } from '../../fault-points.js';
import type { Session } from '../../sql/session.js';
import type { Target } from '../../sql/target.js';
import { quoted, quotedTable, readTable } from '../rows/table.js';
import { forgetPosition } from './relay/positions.js';
import { Stopped } from './setting.js';

/** One direction of a stream. */
export interface Direction {
  /** Of publication, slot and subscription. */
  readonly name: string;
  /** Where the changes are made. */
  readonly publisher: Session;
  /** Where they are applied. */
  readonly subscriber: Session;
  /** The name of the other direction. */
  readonly opposite: string;
  /** True when this process carries the changes. */
  readonly relayed: boolean;
  /** The table of a relay's positions, quoted. */
  readonly positions: string;
  /** How the publisher is reached by whatever reads from it. Holds the credentials. */
  readonly from: Target;
  /** The same for what writes to the subscriber. */
  readonly into: Target;
  /** Columns of the publisher that the subscriber need not have; null for any. */
  readonly mayLack: readonly string[] | null;
  /** True when the rows that are there are copied first. */
  readonly copy: boolean;
}

/**
 * The slot comes first and by itself: a subscription that makes its own waits for ever when both databases are on one server.
 * `origin = none`: what the other direction has applied is not sent back to where it came from.
 */
export async function createSubscribed(
  { name, publisher, subscriber, from, copy }: Direction,
  tables: readonly TableName[],
): Promise<void> {
  const list: string[] = [];
  for (const table of tables) list.push(await publishedTable(publisher, subscriber, table));
  await createPublication(publisher, name, list);
  point('after-publication');
  if (!(await exists(publisher, SLOT, name))) await createSlot(publisher, name);
  point('after-slot');
  if (!(await exists(subscriber, SUBSCRIPTION, name))) {
    await subscribe(
      subscriber,
      `create subscription ${quoted(name)} connection ${literal(from.url)} publication ${quoted(name)} with (create_slot = false, slot_name = ${literal(name)}, copy_data = ${String(copy)}, origin = none)`,
    );
  }
  point('after-subscription');
}

/** Unless there is one of the name. */
export async function createPublication(
  session: Session,
  name: string,
  tables: readonly string[],
): Promise<void> {
  if (await exists(session, PUBLICATION, name)) return;
  await session.query(
    `create publication ${quoted(name)} for table ${tables.join(', ')} with (publish = 'insert, update, delete')`,
  );
}

/** @returns the position at which it begins */
export async function createSlot(session: Session, name: string): Promise<string> {
  await session.query(`select set_config('statement_timeout', '${SLOT_MS}', false)`);
  try {
    const create = "select lsn::text from pg_create_logical_replication_slot($1, 'pgoutput')";
    return (await session.query(create, [name], SLOT_MS)).rows[0]?.lsn ?? '0/0';
  } finally {
    await session.query("select set_config('statement_timeout', '0', false)").catch(() => undefined);
  }
}

/** Throws `Stopped` when the server cannot reach the other one, which no waiting helps. */
async function subscribe(session: Session, statement: string): Promise<void> {
  try {
    await session.query(statement, [], SUBSCRIBE_MS);
  } catch (error) {
    if (!(error instanceof Error) || !isUnreachable(error.message)) throw error;
    throw new Stopped(
      `The server that applies the changes cannot reach the other one by the URI of its connection: ${error.message}. Use an address in the bindings that both this host and that server reach, let it in (pg_hba.conf, firewall), and retry.`,
    );
  }
}

export function isUnreachable(message: string): boolean {
  return /could not connect to the publisher|password is required|invalid connection string/.test(message);
}

/** A slot begins once the write transactions of its whole server that were open have ended. */
const SLOT_MS = 30_000;
const SUBSCRIBE_MS = 60_000;

/** What both sides have is sent; generated columns are computed by each side itself. */
async function publishedTable(publisher: Session, subscriber: Session, table: TableName): Promise<string> {
  const columns = await columnsOf(publisher, table);
  const there = await columnsOf(subscriber, table);
  const both = columns.filter((name) => there.includes(name));
  if (both.length === columns.length) return quotedTable(table);
  return `${quotedTable(table)} (${both.map(quoted).join(', ')})`;
}

async function columnsOf(session: Session, table: TableName): Promise<readonly string[]> {
  const columns = (await readTable(session, table))?.columns ?? [];
  return columns.flatMap(({ name, generated }) => (generated ? [] : [name]));
}

/** The subscription goes first: it would only fail without its slot. */
export async function dropDirection(direction: Direction): Promise<void> {
  const { name, publisher, subscriber } = direction;
  if (await exists(subscriber, SUBSCRIPTION, name)) {
    await subscriber.query(`alter subscription ${quoted(name)} disable`);
    // Without its slot it can be dropped even if the publisher has lost it; slots of an unfinished copy are still dropped with it.
    await subscriber.query(`alter subscription ${quoted(name)} set (slot_name = none)`);
    await subscriber.query(`drop subscription ${quoted(name)}`, [], SUBSCRIBE_MS);
  }
  point('after-subscription');
  await dropSlot(publisher, name);
  point('after-slot');
  await publisher.query(`drop publication if exists ${quoted(name)}`);
  await forgetPosition(direction);
}

/** Its reader ends a moment after the subscription, or after a relay. */
export async function dropSlot(session: Session, name: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const [row] = (
      await session.query('select active_pid::text from pg_replication_slots where slot_name = $1', [name])
    ).rows;
    if (row === undefined) return;
    if (row.active_pid == null || tries > MOST_TRIES) {
      await session.query('select pg_drop_replication_slot($1)', [name]);
      return;
    }
    if (tries > 0) await session.query('select pg_terminate_backend($1::int)', [row.active_pid]);
    await pause(100);
  }
}

const MOST_TRIES = 50;

const PUBLICATION = 'select from pg_publication where pubname = $1';
const SLOT = 'select from pg_replication_slots where slot_name = $1';
const SUBSCRIPTION =
  'select from pg_subscription where subname = $1 and subdbid = (select oid from pg_database where datname = current_database())';

async function exists(session: Session, query: string, name: string): Promise<boolean> {
  return ((await session.query(query, [name])).rowCount ?? 0) > 0;
}

/** What is left of a stream in a database, as people look for it; empty when nothing is. */
export async function leftovers(session: Session, prefix: string): Promise<readonly string[]> {
  const { rows } = await session.query(
    `select 'publication ' || pubname as name from pg_publication where starts_with(pubname::text, $1)
union all select 'replication slot ' || slot_name from pg_replication_slots
  where starts_with(slot_name::text, $1) and database = current_database()
union all select 'subscription ' || subname from pg_subscription
  where starts_with(subname::text, $1) and subdbid = (select oid from pg_database where datname = current_database())
union all select 'trigger ' || tgname || ' on ' || tgrelid::regclass from pg_trigger where starts_with(tgname::text, $1) and not tgisinternal
union all select 'table ' || oid::regclass from pg_class
  where relnamespace = to_regnamespace('sluice') and relkind = 'r' and starts_with(relname::text, $1)
union all select 'function ' || oid::regprocedure::text from pg_proc
  where pronamespace = to_regnamespace('sluice') and starts_with(proname::text, $1) order by 1`,
    [prefix],
  );
  return rows.flatMap(({ name }) => (name == null ? [] : [name]));
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
