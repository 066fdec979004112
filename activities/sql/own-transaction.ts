/**
 * Statements that Postgres refuses inside a transaction, such as CREATE INDEX CONCURRENTLY. They cannot commit together
 * with their journal row, so an intent is noted first. When an intent is found without its `done`, the database
 * itself is asked whether the statement took effect.
 */
import { loadModule, parse } from 'libpg-query';
import type { Session } from './session.js';

/** `not-applied`: nothing of it stands, so it may be run again. */
export type Standing = 'applied' | 'not-applied' | 'unknown';

/** True when it waits for others without making anybody wait: then a lock_timeout would only keep it from ever succeeding. */
export function waitsQuietly(statement: string): boolean {
  return /\bconcurrently\b/i.test(statement);
}

/** Finds out whether a statement that was begun took effect, and removes what an interrupted one left behind. */
export async function standingOf(session: Session, statement: string): Promise<Standing> {
  await loadModule();
  const [kind, node] = firstNode((await parse(statement)).stmts?.[0]?.stmt);
  switch (kind) {
    case 'IndexStmt':
      return indexStanding(session, node);
    case 'DropStmt':
      // DROP INDEX CONCURRENTLY: an index that is half dropped is invalid, and is dropped by a repeat.
      return /\bif\s+exists\b/i.test(statement) ? 'not-applied' : dropStanding(session, node);
    case 'CreatedbStmt':
      return (await exists(session, 'select 1 from pg_database where datname = $1', [text(node, 'dbname')]))
        ? 'applied'
        : 'not-applied';
    case 'DropdbStmt':
      return (await exists(session, 'select 1 from pg_database where datname = $1', [text(node, 'dbname')]))
        ? 'not-applied'
        : 'applied';
    // Repeating these changes nothing more.
    case 'VacuumStmt':
    case 'ReindexStmt':
    case 'ClusterStmt':
    case 'AlterSystemStmt':
      return 'not-applied';
    default:
      return 'unknown';
  }
}

/** Removes the invalid index that a failed CREATE INDEX CONCURRENTLY leaves behind: it costs writes and serves nobody. */
async function indexStanding(session: Session, node: unknown): Promise<Standing> {
  const name = text(node, 'idxname');
  const table = member(node, 'relation');
  if (name === '' || table === undefined) return 'unknown'; // Without a name it cannot be told from others.
  const { rows } = await session.query(
    `select i.indisvalid::text as valid, format('%I.%I', n.nspname, c.relname) as name
       from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
      where c.relname = $1 and i.indrelid = to_regclass($2)`,
    [name, qualified([text(table, 'schemaname'), text(table, 'relname')])],
  );
  const [index] = rows;
  if (index === undefined) return 'not-applied';
  if (index.valid === 'true') return 'applied';
  await session.query(`drop index concurrently if exists ${index.name ?? ''}`);
  return 'not-applied';
}

async function dropStanding(session: Session, node: unknown): Promise<Standing> {
  const objects = member(node, 'objects');
  if (!Array.isArray(objects) || objects.length !== 1) return 'unknown';
  const items = member(member(objects[0], 'List'), 'items');
  if (!Array.isArray(items)) return 'unknown';
  const names = items.map((item) => text(member(item, 'String'), 'sval'));
  return (await exists(session, 'select 1 where to_regclass($1) is not null', [qualified(names)]))
    ? 'not-applied'
    : 'applied';
}

async function exists(session: Session, query: string, values: readonly string[]): Promise<boolean> {
  return (await session.query(query, values)).rows.length > 0;
}

function qualified(names: readonly string[]): string {
  return names
    .filter((name) => name !== '')
    .map((name) => `"${name.replaceAll('"', '""')}"`)
    .join('.');
}

/** A parse tree's node is an object with one member, named after its kind. */
function firstNode(tree: unknown): readonly [string, unknown] {
  if (typeof tree !== 'object' || tree === null) return ['', null];
  return Object.entries(tree)[0] ?? ['', null];
}

function member(node: unknown, name: string): unknown {
  if (typeof node !== 'object' || node === null) return undefined;
  return Object.entries(node).find(([key]) => key === name)?.[1];
}

function text(node: unknown, name: string): string {
  const found = member(node, name);
  return typeof found === 'string' ? found : '';
}
