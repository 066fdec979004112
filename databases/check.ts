/** What would stop a plan in its databases, found before a run and all at once. It only reads. */
import { withoutEngine } from '../activities/attempt.js';
import { checkBackup } from '../activities/effects/backup/preflight.js';
import { checkMirror } from '../activities/effects/mirror/preflight.js';
import { relayReason, versionOf } from '../activities/effects/replication/choose.js';
import { preflight as preflightStream } from '../activities/effects/replication/preflight.js';
import { reachProblems, readEnd } from '../activities/effects/replication/reach.js';
import { findTables, preflight, tryReading } from '../activities/effects/rows/preflight.js';
import { checkSync } from '../activities/effects/sync/preflight.js';
import type { Session } from '../activities/sql/session.js';
import type {
  Action,
  BackupAction,
  MirrorAction,
  Plan,
  RowsAction,
  StreamAction,
  SyncAction,
} from '../strategy/plan.js';
import { changedComparisonsOf, checkChanged } from './check-changed.js';
import { DatabaseTrouble, type Place, uriOf, withSessions } from './place.js';
import type { DatabaseProblem } from './problem.js';
import { checkSpace } from './space.js';

export type { DatabaseProblem };

/** Milliseconds that one question may take. */
const LIMIT_MS = 60_000;

export async function checkDatabases(place: Place, signal: AbortSignal): Promise<readonly DatabaseProblem[]> {
  return withoutEngine(signal, async () => {
    const problems: DatabaseProblem[] = [];
    const reachable = new Set<string>();
    for (const connection of Object.keys(place.plan.bindings.connections)) {
      const found = await attempted(connection, () =>
        withSessions(place, [connection], async ([session]) => {
          if (session === undefined) return [];
          reachable.add(connection);
          return checkConnection(session, connection, writesTo(place.plan, connection));
        }),
      );
      problems.push(...found);
    }
    const look = async (subject: string, connections: readonly string[], ask: Look): Promise<void> => {
      if (!connections.every((connection) => reachable.has(connection))) return;
      problems.push(...(await attempted(subject, () => withSessions(place, connections, ask))));
    };
    for (const action of rowsOf(place.plan)) {
      const { connection, to = connection } = action;
      await look(action.item, [connection, to], (sessions) => checkRows(action, sessions));
    }
    for (const action of mirrorsOf(place.plan)) {
      await look(action.item, [action.connection], (sessions) => checkTriggers(action, sessions));
    }
    for (const action of backupsOf(place.plan)) {
      await look(action.item, [action.connection], (sessions) => checkTables(action, sessions));
    }
    for (const action of streamsOf(place.plan)) {
      const { connection, to } = action;
      await look(action.item, [connection, to], (sessions) => checkStream(action, sessions));
      await look(action.item, [connection, to], (sessions) => checkReach(place, action, sessions));
    }
    for (const action of syncsOf(place.plan)) {
      const { connection, to } = action;
      await look(action.item, [connection, to], (sessions) => checkRounds(action, sessions));
    }
    for (const compares of changedComparisonsOf(place.plan)) {
      const { item, source, target } = compares.reconciliation;
      await look(item, [source, target], (sessions) => checkChanged(compares, sessions));
    }
    return problems;
  });
}

/** Gets one session per connection. */
type Look = (sessions: readonly Session[]) => Promise<readonly DatabaseProblem[]>;

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
  return actions.flatMap((action) => (action.kind === 'rows' && !isChecked(action) ? [action] : []));
}

/** With the triggers before it, or with the part of it that does nothing else. */
function isChecked({ change }: RowsAction): boolean {
  return change.do === 'join' || (change.do === 'deliver' && change.check !== true);
}

function mirrorsOf({ phases }: Plan): readonly MirrorAction[] {
  const actions = phases.flatMap(({ steps }) => steps.flatMap((step) => step.actions));
  return actions.flatMap((action) => (action.kind === 'mirror' && action.do === 'start' ? [action] : []));
}

async function checkTriggers(
  action: MirrorAction,
  [session]: readonly Session[],
): Promise<readonly DatabaseProblem[]> {
  if (session === undefined) return [];
  await session.query('begin isolation level repeatable read read only');
  await session.query("select set_config('statement_timeout', $1, true)", [String(LIMIT_MS)]);
  const { problems } = await checkMirror(session, action);
  return problems.map((message) => ({ severity: 'error', subject: action.item, message }));
}

function backupsOf({ phases }: Plan): readonly BackupAction[] {
  const actions = phases.flatMap(({ steps }) => steps.flatMap((step) => step.actions));
  return actions.flatMap((action) => (action.kind === 'backup' && action.task.do === 'make' ? [action] : []));
}

async function checkTables(
  action: BackupAction,
  [session]: readonly Session[],
): Promise<readonly DatabaseProblem[]> {
  if (session === undefined) return [];
  await session.query('begin isolation level repeatable read read only');
  await session.query("select set_config('statement_timeout', $1, true)", [String(LIMIT_MS)]);
  const { item, connection: where, tables } = action;
  const messages = await checkBackup(session, action);
  const problems = messages.map(
    (message): DatabaseProblem => ({ severity: 'error', subject: item, message }),
  );
  // The backup and, while it is proven, what is restored on trial.
  for (const table of tables) {
    problems.push(...(await checkSpace({ item, table, from: session, session, where, times: 2 })));
  }
  return problems;
}

function streamsOf({ phases }: Plan): readonly StreamAction[] {
  const actions = phases.flatMap(({ steps }) => steps.flatMap((step) => step.actions));
  return actions.flatMap((action) => (action.kind === 'stream' && action.part === 'start' ? [action] : []));
}

/** Both servers and all tables; whether one server reaches the other shows only when the step subscribes. */
async function checkStream(
  action: StreamAction,
  [source, target]: readonly Session[],
): Promise<readonly DatabaseProblem[]> {
  if (source === undefined || target === undefined) return [];
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

/** Whether each server can reach the other one, as far as their addresses tell. */
async function checkReach(
  place: Place,
  { item, connection, to }: StreamAction,
  [source, target]: readonly Session[],
): Promise<readonly DatabaseProblem[]> {
  if (source === undefined || target === undefined) return [];
  const here = await readEnd(source, connection, await uriOf(place, connection));
  const there = await readEnd(target, to, await uriOf(place, to));
  return reachProblems(here, there).map((message) => ({ severity: 'warning', subject: item, message }));
}

function syncsOf({ phases }: Plan): readonly SyncAction[] {
  const actions = phases.flatMap(({ steps }) => steps.flatMap((step) => step.actions));
  return actions.flatMap((action) => (action.kind === 'sync' && action.do === 'start' ? [action] : []));
}

async function checkRounds(
  action: SyncAction,
  [source, target]: readonly Session[],
): Promise<readonly DatabaseProblem[]> {
  if (source === undefined || target === undefined) return [];
  for (const session of [source, target]) {
    await session.query('begin isolation level repeatable read read only');
    await session.query("select set_config('statement_timeout', $1, true)", [String(LIMIT_MS)]);
  }
  const { pair, problems } = await checkSync(source, target, action);
  const found = problems.map(
    (message): DatabaseProblem => ({ severity: 'error', subject: action.item, message }),
  );
  if (pair === null) return found;
  const { item, to: where } = action;
  const wanted = { item, table: action.source, from: source, session: target, where, times: 1 } as const;
  return [...found, ...(await checkSpace(wanted))];
}

const WRITING: ReadonlySet<Action['kind']> = new Set(['sql', 'sql-script', 'mirror', 'backup']);

/** True where a step runs SQL, changes rows or creates triggers. */
function writesTo({ phases }: Plan, connection: string): boolean {
  const actions = phases.flatMap(({ steps }) => steps.flatMap((step) => step.actions));
  return actions.some((action) => {
    if (action.kind === 'rows') return (action.to ?? action.connection) === connection;
    if (action.kind === 'stream' || action.kind === 'sync')
      return action.to === connection || action.connection === connection;
    return WRITING.has(action.kind) && 'connection' in action && action.connection === connection;
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
  [source, target]: readonly Session[],
): Promise<readonly DatabaseProblem[]> {
  if (source === undefined || target === undefined) return [];
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
  if (from === null) return problems;
  const { item, connection, to: where = connection } = action;
  const wanted = { item, table: action.source, from: source, session: target, where, times: 1 } as const;
  return [...problems, ...(await checkSpace(wanted))];
}
