/** What would stop a plan in its databases, found before a run and all at once. It only reads. */
import { statfs } from 'node:fs/promises';
import { withoutEngine } from '../activities/attempt.js';
import { checkMirror } from '../activities/effects/mirror/preflight.js';
import { relayReason, versionOf } from '../activities/effects/replication/choose.js';
import { preflight as preflightStream } from '../activities/effects/replication/preflight.js';
import { findTables, preflight, tryReading } from '../activities/effects/rows/preflight.js';
import type { Session } from '../activities/sql/session.js';
import { tableText } from '../strategy/kinds/effects/rows.js';
import type { MirrorAction, Plan, RowsAction, StreamAction } from '../strategy/plan.js';
import { DatabaseTrouble, type Place, withSessions } from './place.js';

export interface DatabaseProblem {
  readonly severity: 'error' | 'warning';
  /** The id of a data migration, or the name of a connection. */
  readonly subject: string;
  /** What it is and what to do. */
  readonly message: string;
}

/** Milliseconds that one question may take. */
const LIMIT_MS = 60_000;

export async function checkDatabases(place: Place, signal: AbortSignal): Promise<readonly DatabaseProblem[]> {
  return withoutEngine(signal, async () => {
    const problems: DatabaseProblem[] = [];
    const reachable = new Set<string>();
    for (const connection of Object.keys(place.plan.bindings.connections)) {
      const found = await attempted(connection, () =>
        withSessions(place, [connection], async ([session]) =>
          session === undefined ? [] : checkConnection(session, connection, writesTo(place.plan, connection)),
        ),
      );
      problems.push(...found);
      if (found.length === 0) reachable.add(connection);
    }
    for (const action of rowsOf(place.plan)) {
      const { connection, to = connection } = action;
      if (!reachable.has(connection) || !reachable.has(to)) continue;
      const found = await attempted(action.item, () =>
        withSessions(place, [connection, to], async ([source, target]) =>
          source === undefined || target === undefined ? [] : checkRows(action, source, target),
        ),
      );
      problems.push(...found);
    }
    for (const action of mirrorsOf(place.plan)) {
      if (!reachable.has(action.connection)) continue;
      const found = await attempted(action.item, () =>
        withSessions(place, [action.connection], async ([session]) =>
          session === undefined ? [] : checkTriggers(action, session),
        ),
      );
      problems.push(...found);
    }
    for (const action of streamsOf(place.plan)) {
      const { connection, to } = action;
      if (!reachable.has(connection) || !reachable.has(to)) continue;
      const found = await attempted(action.item, () =>
        withSessions(place, [connection, to], async ([source, target]) =>
          source === undefined || target === undefined ? [] : checkStream(action, source, target),
        ),
      );
      problems.push(...found);
    }
    return problems;
  });
}

async function attempted(
  subject: string,
  look: () => Promise<readonly DatabaseProblem[]>,
): Promise<readonly DatabaseProblem[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof DatabaseTrouble)) throw error;
    return [{ severity: 'error', subject, message: error.message }];
  }
}

function rowsOf({ phases }: Plan): readonly RowsAction[] {
  const actions = phases.flatMap(({ steps }) => steps.flatMap((step) => step.actions));
  return actions.flatMap((action) => (action.kind === 'rows' && action.change.do !== 'join' ? [action] : []));
}

function mirrorsOf({ phases }: Plan): readonly MirrorAction[] {
  const actions = phases.flatMap(({ steps }) => steps.flatMap((step) => step.actions));
  return actions.flatMap((action) => (action.kind === 'mirror' && action.do === 'start' ? [action] : []));
}

async function checkTriggers(action: MirrorAction, session: Session): Promise<readonly DatabaseProblem[]> {
  await session.query('begin isolation level repeatable read read only');
  await session.query("select set_config('statement_timeout', $1, true)", [String(LIMIT_MS)]);
  const { problems } = await checkMirror(session, action);
  return problems.map((message) => ({ severity: 'error', subject: action.item, message }));
}

function streamsOf({ phases }: Plan): readonly StreamAction[] {
  const actions = phases.flatMap(({ steps }) => steps.flatMap((step) => step.actions));
  return actions.flatMap((action) => (action.kind === 'stream' && action.part === 'start' ? [action] : []));
}

/** Both servers and all tables; whether one server reaches the other shows only when the step subscribes. */
async function checkStream(
  action: StreamAction,
  source: Session,
  target: Session,
): Promise<readonly DatabaseProblem[]> {
  for (const session of [source, target]) {
    await session.query('begin isolation level repeatable read read only');
    await session.query("select set_config('statement_timeout', $1, true)", [String(LIMIT_MS)]);
  }
  const versions = { source: await versionOf(source), target: await versionOf(target) };
  const why = relayReason(action, versions);
  const messages = await preflightStream(action, { source, target }, why !== null);
  const problems = messages.map(
    (message): DatabaseProblem => ({ severity: 'error', subject: action.item, message }),
  );
  if (why === null) return problems;
  const message = `The worker will relay the changes, because ${why}. It carries them only while a step of ${action.item} runs; in between, replication slots hold them back, and the other side is behind.`;
  return [{ severity: 'warning', subject: action.item, message }, ...problems];
}

/** True where a step runs SQL, changes rows or creates triggers. */
function writesTo({ phases }: Plan, connection: string): boolean {
  const actions = phases.flatMap(({ steps }) => steps.flatMap((step) => step.actions));
  return actions.some((action) => {
    if (action.kind === 'rows') return (action.to ?? action.connection) === connection;
    if (action.kind === 'stream') return action.to === connection || action.connection === connection;
    const writes = action.kind === 'sql' || action.kind === 'sql-script' || action.kind === 'mirror';
    return writes && action.connection === connection;
  });
}

async function checkConnection(
  session: Session,
  subject: string,
  written: boolean,
): Promise<readonly DatabaseProblem[]> {
  const query = `select (pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool)::text as fixed,
  (has_database_privilege(current_database(), 'create') or coalesce(has_schema_privilege(to_regnamespace('sluice')::oid, 'create'), false))::text as creates`;
  const [row] = (await session.query(query)).rows;
  const problems: DatabaseProblem[] = [];
  if (!written) return problems;
  if (row?.fixed === 'true') {
    const message =
      'It is a read replica or read-only, and a step writes to it. Point the connection at the primary.';
    problems.push({ severity: 'error', subject, message });
  }
  if (row?.creates === 'false') {
    const message =
      'This user may create neither the schema sluice nor tables in it. Grant CREATE on the database, or on the schema sluice once it exists.';
    problems.push({ severity: 'error', subject, message });
  }
  return problems;
}

async function checkRows(
  action: RowsAction,
  source: Session,
  target: Session,
): Promise<readonly DatabaseProblem[]> {
  for (const session of [source, target]) {
    await session.query('begin isolation level repeatable read read only');
    await session.query("select set_config('statement_timeout', $1, true)", [String(LIMIT_MS)]);
  }
  const tables = await findTables(target, source, action);
  const messages = [...(await preflight(target, action, tables))];
  const { source: from, target: into } = tables;
  const known = from !== null && from.key.length > 0 && (into !== null || !('target' in action.change));
  if (known) {
    messages.push(...(await tryReading(target, source, action, { source: from, target: into })));
  }
  const problems = messages.map(
    (message): DatabaseProblem => ({ severity: 'error', subject: action.item, message }),
  );
  return from === null ? problems : [...problems, ...(await checkSpace(action, from.name, source, target))];
}

/** A copy takes as much space as the rows, and so do the rows that are saved before they are changed. */
async function checkSpace(
  { item, source, to, connection }: RowsAction,
  table: string,
  from: Session,
  session: Session,
): Promise<readonly DatabaseProblem[]> {
  const sizeOf = 'select pg_total_relation_size(to_regclass($1))::text as bytes';
  const needed = Number((await from.query(sizeOf, [table])).rows[0]?.bytes ?? 0);
  const free = await freeBytes(session);
  if (free !== null && free >= needed) return [];
  const where = to ?? connection;
  const size = `${tableText(source)} takes ${sizeText(needed)}, and its rows need as much again on ${where}`;
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
