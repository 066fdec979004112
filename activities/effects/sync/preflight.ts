/** What would stop the rounds of a pair, found before the first one and all at once. It only reads. */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { RowsAction, SyncAction } from '../../../strategy/plan.js';
import type { Session } from '../../sql/session.js';
import { backProblems, triggerProblems } from '../mirror/preflight.js';
import { backMapping } from '../mirror/ways.js';
import { readTimeColumn } from '../rows/changed-since.js';
import { findTables, preflight, tryReading, tryStatement } from '../rows/preflight.js';
import type { Table } from '../rows/table.js';

export interface CheckedSync {
  /** Null where a table or its key is missing. */
  readonly pair: { readonly source: Table; readonly target: Table } | null;
  /** One sentence each, with what to do. */
  readonly problems: readonly string[];
}

/** Within transactions of both sides. */
export async function checkSync(source: Session, target: Session, action: SyncAction): Promise<CheckedSync> {
  const copy = copyOf(action);
  const tables = await findTables(target, source, copy);
  const { source: from, target: to } = tables;
  const problems = [
    ...(await preflight(target, copy, tables)),
    ...(await sideProblems(source, target, action, tables)),
  ];
  if (from === null || to === null || from.key.length === 0 || to.key.length === 0) {
    return { pair: null, problems };
  }
  const pair = { source: from, target: to };
  problems.push(...(await tryReading(target, source, copy, pair)));
  const { conflicts, returns } = action;
  if (conflicts !== null || returns) {
    problems.push(...(await backProblems(source, action, pair)));
    problems.push(...(await tryBack(target, action, pair)));
  }
  if (conflicts !== null) problems.push(...keyTypes(action, from, to));
  return { pair, problems };
}

/** What each side needs by itself, whatever the other one is like. */
async function sideProblems(
  source: Session,
  target: Session,
  action: SyncAction,
  { source: from, target: to }: { readonly source: Table | null; readonly target: Table | null },
): Promise<readonly string[]> {
  const { detect, conflicts, returns } = action;
  const problems = [...(await versionProblems(source, action.connection))];
  if (action.to !== action.connection) problems.push(...(await versionProblems(target, action.to)));
  if (from !== null && detect.by === 'tracking')
    problems.push(...(await triggerProblems(source, [action.source])));
  if (from !== null && detect.by === 'timestamp')
    problems.push(...(await timestampProblems(source, action, from, detect.column)));
  if (to !== null && (conflicts !== null || returns))
    problems.push(...(await triggerProblems(target, [action.target])));
  return problems;
}

/** Below it, there are no transaction ids that last (`xid8`). */
const OLDEST = 13;

async function versionProblems(session: Session, connection: string): Promise<readonly string[]> {
  const query = "select (current_setting('server_version_num')::int / 10000)::text as version";
  const version = Number((await session.query(query)).rows[0]?.version ?? 0);
  return version >= OLDEST
    ? []
    : [`The server of "${connection}" is Postgres ${version}; x-sync needs ${OLDEST} or later. Upgrade it.`];
}

/** Lets Postgres plan what is brought back to the source: unknown columns and types that do not fit show. */
async function tryBack(
  target: Session,
  action: SyncAction,
  { source, target: from }: { readonly source: Table; readonly target: Table },
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { column, value } of backMapping(action, source, from)) {
    const typed = column.base === null ? value : `(${value})::${column.base}`;
    problems.push(...(await tryStatement(target, `select ${typed} from ${from.name}`)));
  }
  return problems;
}

function copyOf({ item, connection, to, source, target, set, omit, where }: SyncAction): RowsAction {
  const change = { do: 'copy', target } as const;
  const limits = { batchSize: null, ratePerSecond: null };
  const place = to === connection ? { connection } : { connection, to };
  return { kind: 'rows', item, ...place, source, change, set, omit, where, direction: 'apply', ...limits };
}

/** Keys are compared as texts, to tell whether both sides have changed the same row. */
function keyTypes(action: SyncAction, source: Table, target: Table): readonly string[] {
  return target.key.flatMap(({ name, type }) => {
    const own = source.key.find((column) => column.name === name);
    if (own === undefined || own.type === type || isWhole(own.type, type)) return [];
    return [
      `"${name}" is of the type ${own.type} in ${tableText(action.source)} and ${type} in ${tableText(action.target)}: with x-conflicts, keys must have the same type.`,
    ];
  });
}

function isWhole(...types: readonly string[]): boolean {
  return types.every((type) => ['smallint', 'integer', 'bigint'].includes(type));
}

async function timestampProblems(
  session: Session,
  { source }: SyncAction,
  table: Table,
  column: string,
): Promise<readonly string[]> {
  const name = tableText(source);
  const found = await readTimeColumn(session, table, column);
  if (found === null) return [`${name} has no column "${column}", which x-sync names.`];
  const problems: string[] = [];
  if (!found.isTime)
    problems.push(`${name}.${column} is no timestamp, so it does not say when a row changed.`);
  if (!found.neverNull) {
    problems.push(
      `${name}.${column} can be NULL, and such rows would never be seen. Make it NOT NULL, or detect by tracking or hash.`,
    );
  }
  if (!found.indexed) {
    problems.push(
      `${name}.${column} has no index, so every round would read the whole table. Add one (create index concurrently), or detect by tracking.`,
    );
  }
  return problems;
}
