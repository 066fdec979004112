/** Asks the database itself whether a statement took effect whose end nobody saw. */
import { loadModule, parse } from 'libpg-query';
import type { Session } from '../../sql/session.js';

/** `not-applied`: nothing of it stands, so it may be run again. */
export type CatalogState = 'applied' | 'not-applied' | 'unknown';

/** True when it waits for others without making anybody wait: then a lock_timeout would only keep it from ever succeeding. */
export function waitsWithoutBlocking(statement: string): boolean {
  return /\bconcurrently\b/i.test(statement);
}

/**
 * Finds out whether a statement that was begun took effect, and removes what an interrupted one left behind, for which
 * it may wait `limitMs`: dropping an index waits for the transactions that may still use it.
 */
export async function catalogStateOf(
  session: Session,
  statement: string,
  limitMs: number,
): Promise<CatalogState> {
  const [kind, node] = await nodeOf(statement);
  switch (kind) {
    case 'IndexStmt':
      return indexState(session, node, limitMs);
    case 'DropStmt':
      // DROP INDEX CONCURRENTLY: an index that is half dropped is invalid, and is dropped by a repeat.
      return /\bif\s+exists\b/i.test(statement) ? 'not-applied' : dropState(session, node);
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

/**
 * What is wrong although the server reported success: CREATE INDEX ... IF NOT EXISTS is content with an invalid index of
 * that name, which serves nobody.
 */
export async function invalidIndexLeft(session: Session, statement: string): Promise<string | null> {
  const [kind, node] = await nodeOf(statement);
  if (kind !== 'IndexStmt') return null;
  const index = await findIndex(session, node);
  if (index === null || index.valid) return null;
  return `The index ${index.name} already exists and is invalid: another run left it behind, or it is still being built. Once it is no longer being built, drop it (DROP INDEX CONCURRENTLY ${index.name}), and retry.`;
}

/** Removes the invalid index that a failed CREATE INDEX CONCURRENTLY leaves behind: it costs writes and serves nobody. */
async function indexState(session: Session, node: unknown, limitMs: number): Promise<CatalogState> {
  if (text(node, 'idxname') === '') return 'unknown'; // Without a name it cannot be told from others.
  const index = await findIndex(session, node);
  if (index === null) return 'not-applied';
  if (index.valid) return 'applied';
  await session.query(`drop index concurrently if exists ${index.name}`, [], limitMs);
  return 'not-applied';
}

/** The index that a CREATE INDEX names, on the table that it names. */
async function findIndex(
  session: Session,
  node: unknown,
): Promise<{ readonly name: string; readonly valid: boolean } | null> {
  const table = member(node, 'relation');
  const { rows } = await session.query(
    `select i.indisvalid::text as valid, format('%I.%I', n.nspname, c.relname) as name
       from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
      where c.relname = $1 and i.indrelid = to_regclass($2)`,
    [text(node, 'idxname'), qualified([text(table, 'schemaname'), text(table, 'relname')])],
  );
  const [index] = rows;
  return index?.name == null ? null : { name: index.name, valid: index.valid === 'true' };
}

async function dropState(session: Session, node: unknown): Promise<CatalogState> {
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

async function nodeOf(statement: string): Promise<readonly [string, unknown]> {
  await loadModule();
  return firstNode((await parse(statement)).stmts?.[0]?.stmt);
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
