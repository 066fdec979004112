/** A query, or a script of one that lies in the workspace. */

import { NEEDS_NOTHING, type Needs } from '../needs.js';
import { describeArgs, oneLine } from '../text.js';
import type { ProbeKind, ProbeOf } from './kind.js';

export const sql: ProbeKind<ProbeOf<'sql'>> = {
  label: 'SQL',
  needsHost: () => false,
  needs: needsOfSql,
  describe: ({ connection, text, args }) => `SQL on ${connection}: ${oneLine(text)}${describeArgs(args)}`,
};

export const sqlScript: ProbeKind<ProbeOf<'sql-script'>> = {
  label: 'SQL',
  needsHost: () => true,
  needs: needsOfSql,
  describe: ({ path, connection }) => `SQL script ${path} on ${connection}`,
};

function needsOfSql({ connection }: { readonly connection: string }): Needs {
  return { ...NEEDS_NOTHING, connections: [connection] };
}
