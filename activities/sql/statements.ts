/** The statements of an SQL action, and which of them commit together. */
import { loadModule, parse, SqlError } from 'libpg-query';
import {
  controlsTransaction,
  mustCommitFirst,
  needsOwnTransaction,
  splitStatements,
} from '../../strategy/compile/sql.js';
import type { SqlAction } from '../../strategy/plan.js';
import { Refusal } from '../refusal.js';
import { readScript } from '../script-file.js';

/** Statements that run in one transaction, or one that needs its own. */
export interface Batch {
  readonly own: boolean;
  readonly statements: readonly string[];
  /** The statements of earlier batches that changed settings of the session: each batch has a connection of its own. */
  readonly settings: readonly string[];
}

/** Throws `Refusal` when the script cannot be read, is no SQL, or ends transactions itself. */
export async function batchesOf(action: SqlAction, workspace: string): Promise<readonly Batch[]> {
  const where = action.kind === 'sql' ? 'The SQL' : action.path;
  const statements =
    action.kind === 'sql'
      ? action.statements.flatMap(splitStatements)
      : await scriptStatements(await readScript(workspace, action), action.path);
  const control = statements.find(controlsTransaction);
  if (control !== undefined) {
    throw new Refusal(
      `${where} says "${control.split('\n')[0]}", but its statements already run in one transaction, together with their journal row. Remove BEGIN, COMMIT and ROLLBACK.`,
    );
  }
  const batches: { own: boolean; statements: string[]; settings: readonly string[] }[] = [];
  const settings: string[] = [];
  let closed = true;
  for (const statement of statements) {
    const own = needsOwnTransaction(statement);
    const last = batches.at(-1);
    if (last === undefined || own || closed) {
      batches.push({ own, statements: [statement], settings: [...settings] });
    } else last.statements.push(statement);
    if (await changesSession(statement)) settings.push(statement);
    closed = own || mustCommitFirst(statement);
  }
  return batches;
}

/** True for SET and RESET of a session (not SET LOCAL), and for `select set_config(..., false)`. */
async function changesSession(statement: string): Promise<boolean> {
  if (!/\bset|\breset/i.test(statement)) return false;
  await loadModule();
  const [node] = (await parse(statement)).stmts ?? [];
  const stmt = node?.stmt;
  if (stmt === undefined) return false;
  if ('VariableSetStmt' in stmt) return stmt.VariableSetStmt.is_local !== true;
  return 'SelectStmt' in stmt && /^\s*select\s+(?:pg_catalog\s*\.\s*)?set_config\s*\(/i.test(statement);
}

/** Splits a script where Postgres's own parser sees the statements end. */
export async function scriptStatements(script: string, name: string): Promise<readonly string[]> {
  const meta = /^[ \t]*\\[a-z!?]\S*/im.exec(script);
  await loadModule();
  try {
    const bytes = Buffer.from(script);
    const { stmts = [] } = await parse(script);
    // Places are counted in bytes; a length of 0 or none means "to the end".
    return stmts.map(({ stmt_location: start = 0, stmt_len: length = 0 }) =>
      bytes.toString('utf8', start, length === 0 ? bytes.length : start + length).trim(),
    );
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    if (meta !== null) {
      throw new Refusal(
        `${name} line ${lineAt(script, meta.index)}: "${meta[0].trim()}" is a command of psql, not SQL. Run the script through psql (a command or a .sh script), or write it in SQL.`,
      );
    }
    const at =
      error.sqlDetails === undefined ? '' : ` line ${lineAt(script, error.sqlDetails.cursorPosition)}`;
    throw new Refusal(
      `${name}${at} is not valid SQL: ${error.message}. None of it was run. Correct the script, and submit the strategy again.`,
    );
  }
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
