/** Statements on a connection: those of the strategy, which any worker can send, or a script of the workspace. */

import type { SqlAction } from '../../plan.js';
import { NEEDS_NOTHING, type Needs } from '../needs.js';
import { oneLine } from '../text.js';
import type { EffectKind } from './kind.js';

type Statements = Extract<SqlAction, { kind: 'sql' }>;

export const sql: EffectKind<Statements> = {
  runs: 'any',
  needs: needsOfSql,
  title: ({ statements }) => statements.join('; '),
  means: ({ connection }) => `SQL on ${connection}`,
  describe: describeStatements,
  lines: (action) =>
    action.statements.length === 1
      ? [describeStatements(action)]
      : [
          `SQL on ${action.connection}, ${action.statements.length} statements in one transaction:`,
          ...action.statements.map((statement) => `  ${oneLine(statement)}`),
        ],
};

export const sqlScript: EffectKind<Extract<SqlAction, { kind: 'sql-script' }>> = {
  runs: 'host',
  needs: needsOfSql,
  title: ({ path, connection }) => `${path} on ${connection}`,
  means: describeScript,
  describe: describeScript,
};

function needsOfSql({ connection }: SqlAction): Needs {
  return { ...NEEDS_NOTHING, connections: [connection] };
}

function describeStatements({ connection, statements }: Statements): string {
  const count = statements.length === 1 ? '' : ` (${statements.length} statements, one transaction)`;
  return `SQL on ${connection}${count}: ${oneLine(statements.join('; '))}`;
}

function describeScript({ path, connection }: Extract<SqlAction, { kind: 'sql-script' }>): string {
  return `SQL script ${path} on ${connection}`;
}
