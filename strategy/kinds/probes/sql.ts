/** A query, or a script of one that lies in the workspace. */
import { describeArgs, oneLine } from '../text.js';
import type { ProbeKind, ProbeOf } from './kind.js';

export const sql: ProbeKind<ProbeOf<'sql'>> = {
  needsHost: () => false,
  describe: ({ connection, text, args }) => `SQL on ${connection}: ${oneLine(text)}${describeArgs(args)}`,
};

export const sqlScript: ProbeKind<ProbeOf<'sql-script'>> = {
  needsHost: () => true,
  describe: ({ path, connection }) => `SQL script ${path} on ${connection}`,
};
