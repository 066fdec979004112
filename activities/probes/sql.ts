/** A query as a probe: one row whose first column is true, or a number other than 0, passes. It cannot write. */
import pg from 'pg';
import { serverSaid } from '../sql/failure.js';
import { ConnectionLost, withSession } from '../sql/session.js';
import { readScript } from '../sql/statements.js';
import { targetOf } from '../sql/target.js';
import { type Finding, fail, inconclusive, pass, type Site, told } from './verdict.js';

export async function probeSql(
  text: string,
  args: readonly string[],
  connection: string,
  site: Site,
): Promise<Finding> {
  const value = await firstValue(text, args, connection, site);
  return 'broken' in value ? inconclusive(value.broken) : judge(value.value, site);
}

export async function probeSqlScript(path: string, connection: string, site: Site): Promise<Finding> {
  return probeSql(await readScript(site.setting.workspace, path), [], connection, site);
}

function judge(value: string | null, site: Site): Finding {
  if (value === null) return inconclusive('the answer is NULL, which is neither true nor false');
  const evidence = told(site, value);
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
  site: Site,
): Promise<{ readonly value: string | null } | { readonly broken: string }> {
  const target = await targetOf(site.setting, connection, site.env);
  try {
    return await withSession(target, async (session) => {
      await session.query('begin read only');
      await session.query("select set_config('statement_timeout', $1, true)", [String(site.timeoutMs)]);
      const { rows, command } = await session.query(text, args, site.timeoutMs);
      const [row] = rows;
      if (row === undefined)
        return { broken: command === 'SELECT' ? 'no row came back' : `${command} gives no answer` };
      if (rows.length > 1) return { broken: `${rows.length} rows came back instead of one` };
      return { value: Object.values(row)[0] ?? null };
    });
  } catch (error) {
    if (error instanceof ConnectionLost)
      return { broken: `${target.name} could not be reached: ${told(site, error.message)}` };
    if (error instanceof pg.DatabaseError) return { broken: told(site, serverSaid(error)) };
    throw error;
  }
}
