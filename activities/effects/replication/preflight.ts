/** What would stop a stream, found before anything is changed and all at once. It only reads. */
import pg from 'pg';
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { RowsAction, StreamAction, TableName } from '../../../strategy/plan.js';
import { serverMessage } from '../../sql/failure.js';
import type { Session } from '../../sql/session.js';
import { findTables, preflight as preflightRows } from '../rows/preflight.js';
import { quotedTable, type Table } from '../rows/table.js';
import { versionOf } from './choose.js';

export interface Sides {
  readonly source: Session;
  readonly target: Session;
}

/** One sentence per problem, with what to do. `relayed`: the worker carries the changes, and not subscriptions. */
export async function preflight(
  action: StreamAction,
  sides: Sides,
  relayed: boolean,
): Promise<readonly string[]> {
  const { source, target } = sides;
  const servers = [
    ...(await serverProblems(source, action.connection)),
    ...(await serverProblems(target, action.to)),
    ...(relayed
      ? [...(await relayProblems(source, action.connection)), ...(await relayProblems(target, action.to))]
      : [...(await memberProblems(source, action.connection)), ...(await memberProblems(target, action.to))]),
    ...(await freeProblems(source, target, action, relayed)),
  ];
  const tables: string[] = [];
  const pairs: Pair[] = [];
  for (const table of action.tables) {
    const rows = copyOf(action, table);
    const found = await findTables(target, source, rows);
    tables.push(...(await preflightRows(target, rows, found)));
    if (found.source === null || found.target === null) continue;
    tables.push(
      ...(await tableProblems(source, action.connection, table)),
      ...(await tableProblems(target, action.to, table)),
      ...(await ruleProblems(action, target, found.target)),
    );
    pairs.push({ source: found.source, target: found.target });
  }
  if (pairs.length === action.tables.length) tables.push(...homelessRules(action, pairs));
  return [...new Set([...servers, ...tables])];
}

/** The initial copy of a table, as a copy of rows: what it needs of the tables is the same. */
function copyOf({ item, connection, to, omit }: StreamAction, table: TableName): RowsAction {
  return {
    ...{ kind: 'rows', item, connection, to, source: table, change: { do: 'copy', target: table } },
    ...{ set: [], omit, where: null, direction: 'apply', batchSize: null, ratePerSecond: null },
  };
}

async function serverProblems(session: Session, connection: string): Promise<readonly string[]> {
  const [row] = (
    await session.query(
      `select current_setting('wal_level') as wal_level,
  (select (rolsuper or rolreplication)::text from pg_roles where rolname = current_user) as replicates,
  has_database_privilege(current_database(), 'create')::text as creates, pg_is_in_recovery()::text as standby`,
    )
  ).rows;
  const problems: string[] = [];
  if (row?.wal_level !== 'logical') {
    problems.push(
      `The server of "${connection}" has wal_level = ${row?.wal_level ?? '?'}: both sides publish, so set wal_level = logical there, and restart it.`,
    );
  }
  if (row?.standby === 'true') {
    problems.push(`The server of "${connection}" is a standby. Point the connection at the primary.`);
  }
  if (row?.replicates === 'false') {
    problems.push(
      `The user of "${connection}" may not replicate: the other server reads its changes as that user. Run: alter role ... replication.`,
    );
  }
  if (row?.creates === 'false') {
    problems.push(`The user of "${connection}" may not create a publication. Grant CREATE on the database.`);
  }
  return problems;
}

async function memberProblems(session: Session, connection: string): Promise<readonly string[]> {
  const member = "select (pg_has_role('pg_create_subscription', 'usage'))::text as member";
  if ((await session.query(member)).rows[0]?.member !== 'false') return [];
  return [
    `The user of "${connection}" may not create a subscription. Run: grant pg_create_subscription to that user.`,
  ];
}

/** Of the catalogs that a relay reads. */
const OLDEST_RELAYED = 13;

async function relayProblems(session: Session, connection: string): Promise<readonly string[]> {
  const version = await versionOf(session);
  if (version < OLDEST_RELAYED) {
    return [
      `The server of "${connection}" is Postgres ${version}; a stream needs ${OLDEST_RELAYED} or later. Upgrade it, or use the method offline.`,
    ];
  }
  const refused = await refusalOf(session, "set local session_replication_role = 'replica'");
  if (refused === null) return [];
  const grant =
    version < 15 ? 'Use a superuser' : 'Run: grant set on parameter session_replication_role to that user';
  return [
    `The user of "${connection}" may not write as replication does (session_replication_role = replica), which a relay needs: ${refused}. ${grant}.`,
  ];
}

/** A stream takes a slot for changes on either side, and one for each table that is being copied. */
async function freeProblems(
  source: Session,
  target: Session,
  { connection, to }: StreamAction,
  relayed: boolean,
): Promise<readonly string[]> {
  const free = `select (current_setting('max_replication_slots')::int - (select count(*) from pg_replication_slots))::text as slots,
  (current_setting('max_wal_senders')::int - (select count(*) from pg_stat_replication))::text as senders,
  current_setting('max_sync_workers_per_subscription') as copies,
  (current_setting('max_logical_replication_workers')::int - (select count(*) from pg_stat_subscription where pid is not null))::text as workers,
  (select system_identifier::text from pg_control_system()) as system`;
  const [there] = (await source.query(free)).rows;
  const [here] = (await target.query(free)).rows;
  const same = there?.system != null && there.system === here?.system;
  const problems: string[] = [];
  const needs = (name: string, of: string, found: string | null | undefined, needed: number): void => {
    if (Number(found ?? 0) >= needed) return;
    problems.push(
      `The server of "${of}" has ${found ?? 0} of its ${name} free, and the stream needs ${needed}. Raise ${name} and restart it, or drop slots that nobody reads (pg_replication_slots).`,
    );
  };
  const copying = relayed ? 0 : 2;
  needs('max_replication_slots', connection, there?.slots, same ? 2 + copying : 1 + copying);
  needs('max_wal_senders', connection, there?.senders, same ? 2 + copying : 1 + copying);
  if (!relayed) needs('max_logical_replication_workers', to, here?.workers, same ? 3 : 2);
  if (!same) {
    for (const name of ['slots', 'senders'] as const) {
      needs(name === 'slots' ? 'max_replication_slots' : 'max_wal_senders', to, here?.[name], 1);
    }
    if (!relayed) needs('max_logical_replication_workers', connection, there?.workers, 1);
  }
  return problems;
}

async function tableProblems(
  session: Session,
  connection: string,
  table: TableName,
): Promise<readonly string[]> {
  const [row] = (
    await session.query(
      `select c.relkind::text as kind, c.relpersistence::text as persistence, c.relreplident::text as identity,
  exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)::text as has_primary,
  pg_has_role(c.relowner, 'usage')::text as owns, c.relrowsecurity::text as policies,
  exists (select from pg_subscription_rel r where r.srrelid = c.oid)::text as subscribed
from pg_class c where c.oid = to_regclass($1)`,
      [quotedTable(table)],
    )
  ).rows;
  const name = `${tableText(table)} on "${connection}"`;
  const problems: string[] = [];
  if (row?.kind !== 'r')
    problems.push(`${name} is no ordinary table; name its partitions, or use the method offline.`);
  if (row?.persistence === 'u')
    problems.push(`${name} is UNLOGGED, and its changes are in no WAL. Make it LOGGED.`);
  const identified =
    row?.identity === 'i' || row?.identity === 'f' || (row?.identity === 'd' && row.has_primary === 'true');
  if (!identified) {
    problems.push(
      `${name} has no replica identity, so updates and deletes could not be sent. Add a primary key, or run: alter table ${quotedTable(table)} replica identity using index ...`,
    );
  }
  if (row?.owns === 'false') {
    problems.push(
      `The user of "${connection}" does not own ${tableText(table)}, and only its owner may publish it.`,
    );
  }
  if (row?.policies === 'true') {
    problems.push(
      `${name} has row security, under which rows could be left out. Disable it for the migration.`,
    );
  }
  if (row?.subscribed === 'true') {
    problems.push(
      `${name} is filled by a subscription already; what that brings would not be passed on. Drop it first.`,
    );
  }
  return problems;
}

/** Rules are computed over the row that arrives in the target. */
async function ruleProblems(
  { set, back, item }: StreamAction,
  session: Session,
  table: Table,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { column, value } of [...set, ...back]) {
    if (table.key.some(({ name }) => name === column)) {
      problems.push(
        `A rule of ${item} sets "${column}", which is part of the key of ${table.name}. Remove the rule.`,
      );
      continue;
    }
    const own = table.columns.find(({ name }) => name === column);
    if (own === undefined) continue;
    const query = `explain select (${value}\n)::${own.type} from ${table.name} as ${table.alias}`;
    const refused = await refusalOf(session, query);
    if (refused !== null) {
      problems.push(
        `The rule "${column} = ${value}" cannot be computed in ${table.name} of the target, over its own columns: ${refused}.`,
      );
    }
  }
  return problems;
}

interface Pair {
  readonly source: Table;
  readonly target: Table;
}

/** A rule counts for every table that has its column; for none, it is a mistake. */
function homelessRules({ set, back, omit }: StreamAction, pairs: readonly Pair[]): readonly string[] {
  const has = ({ columns }: Table, column: string): boolean => columns.some(({ name }) => name === column);
  return [
    ...set
      .filter(({ column }) => !pairs.some(({ target }) => has(target, column)))
      .map(({ column }) => `A rule sets "${column}", which no table of the target has.`),
    ...back
      .filter(({ column }) => !pairs.some(({ source, target }) => has(source, column) && has(target, column)))
      .map(({ column }) => `x-stream.reverse sets "${column}", which no table has on both sides.`),
    ...omit
      .filter((column) => !pairs.some(({ source }) => has(source, column)))
      .map((column) => `The rule "omit ${column}" names a column that no table of the source has.`),
  ];
}

async function refusalOf(session: Session, query: string): Promise<string | null> {
  await session.query('savepoint sluice_trial');
  try {
    await session.query(query);
    return null;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return serverMessage(error);
  } finally {
    await session.query('rollback to savepoint sluice_trial');
  }
}
