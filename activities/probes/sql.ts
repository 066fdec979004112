/** A query as a probe: one row whose first column is true, or a number other than 0, passes. It cannot write. */
import pg from 'pg';
import type { ProbeOf } from '../../strategy/kinds/probes/kind.js';
import { readScript } from '../script-file.js';
import { serverMessage } from '../sql/failure.js';
import { OtherDatabase } from '../sql/identity.js';
import { ConnectionLost, withSession } from '../sql/session.js';
import { targetOf } from '../sql/target.js';
import {
  broken,
  type Evaluator,
  fail,
  inconclusive,
  type ProbeContext,
  type ProbeResult,
  pass,
  redactedLine,
} from './verdict.js';

export const evaluateSql: Evaluator<ProbeOf<'sql'>> = async ({ text, args, connection }, context) => {
  const value = await firstValue(text, args, connection, context);
  return 'broken' in value ? broken(value.broken) : judge(value.value, context);
};

export const evaluateSqlScript: Evaluator<ProbeOf<'sql-script'>> = async (
  { connection, ...script },
  context,
) => {
  const text = await readScript(context.run.workspace, script);
  return evaluateSql({ how: 'sql', text, args: [], connection }, context);
};

function judge(value: string | null, context: ProbeContext): ProbeResult {
  if (value === null) return inconclusive('the answer is NULL, which is neither true nor false');
  const evidence = redactedLine(context, value);
  if (/^(?:t|true)$/i.test(value)) return pass(evidence);
  if (/^(?:f|false)$/i.test(value)) return fail(evidence);
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) {
    return inconclusive(`the answer "${evidence}" is neither true, false nor a number`);
  }
  return number === 0 ? fail(evidence) : pass(evidence);
}

/** The first column of the one row of the answer. */
export async function firstValue(
  text: string,
  args: readonly string[],
  connection: string,
  context: ProbeContext,
): Promise<{ readonly value: string | null } | { readonly broken: string }> {
  const target = await targetOf(context.run, connection, context.env);
  try {
    return await withSession(target, async (session) => {
      const limit = Math.max(1, Math.round(context.timeoutMs));
      await session.query(`begin read only; set local statement_timeout = ${limit}`);
      const { rows, command } = await session.query(text, args, context.timeoutMs);
      const [row] = rows;
      if (row === undefined)
        return { broken: command === 'SELECT' ? 'no row came back' : `${command} gives no answer` };
      if (rows.length > 1) return { broken: `${rows.length} rows came back instead of one` };
      return { value: Object.values(row)[0] ?? null };
    });
  } catch (error) {
    if (error instanceof ConnectionLost)
      return { broken: `${target.name} could not be reached: ${redactedLine(context, error.message)}` };
    if (error instanceof OtherDatabase) return { broken: error.message };
    if (error instanceof pg.DatabaseError) return { broken: redactedLine(context, serverMessage(error)) };
    throw error;
  }
}
