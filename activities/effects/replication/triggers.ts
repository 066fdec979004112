/**
 * The triggers of a stream. A fence refuses what clients write, but not what the other side's changes bring: those are applied
 * with `session_replication_role = replica`, where only triggers that are ENABLE REPLICA fire. Such triggers compute the columns of
 * the rules. Enabling and disabling one waits for writers only, not for readers.
 */

import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { ColumnRule, StreamAction, TableName } from '../../../strategy/plan.js';
import type { Session } from '../../sql/session.js';
import { quoted, quotedTable, readTable } from '../rows/table.js';
import type { Names } from './names.js';

const TAG = '$sync$';

export type Side = 'source' | 'target';

/** Creates the triggers of one side, in the transaction of the caller. Those that are there stay as they are. */
export async function createTriggers(
  session: Session,
  action: StreamAction,
  names: Names,
  side: Side,
): Promise<void> {
  for (const [index, table] of action.tables.entries()) {
    const exists = await triggersOn(session, table, names);
    const on = quotedTable(table);
    if (!exists.includes(names.fence)) {
      const where = side === 'source' ? action.to : action.connection;
      const message = `${tableText(table)} is fenced by sluice for the migration ${action.item}: write to ${where}`;
      await createRefusal(session, names.fence, index, message);
      await session.query(
        `create trigger ${quoted(names.fence)} before insert or update or delete on ${on} for each statement execute function ${functionOf(names.fence, index)}()`,
      );
      if (side === 'source') await session.query(`alter table ${on} disable trigger ${quoted(names.fence)}`);
    }
    if (!exists.includes(names.guard)) {
      const message = `TRUNCATE of ${tableText(table)} is refused by sluice while the migration ${action.item} keeps it in step: use DELETE, or roll the migration back first`;
      await createRefusal(session, names.guard, index, message);
      await session.query(
        `create trigger ${quoted(names.guard)} before truncate on ${on} for each statement execute function ${functionOf(names.guard, index)}()`,
      );
    }
    if (side === 'source') continue;
    const columns = (await readTable(session, table))?.columns.map(({ name }) => name) ?? [];
    const here = (rules: readonly ColumnRule[]) => rules.filter(({ column }) => columns.includes(column));
    for (const [kind, rules] of [
      ['in', here(action.set)],
      ['out', here(action.back)],
    ] as const) {
      const name = `${names.prefix}_${kind}`;
      if (!exists.includes(name)) await createCompute(session, table, name, index, rules);
    }
  }
}

async function createRefusal(session: Session, name: string, index: number, message: string): Promise<void> {
  await session.query(
    `create or replace function ${functionOf(name, index)}() returns trigger language plpgsql as ${TAG}
begin raise exception using errcode = 'read_only_sql_transaction', message = ${literal(message)}; end ${TAG}`,
  );
}

async function createCompute(
  session: Session,
  table: TableName,
  name: string,
  index: number,
  rules: readonly ColumnRule[],
): Promise<void> {
  if (rules.length === 0) return;
  const on = quotedTable(table);
  const values = rules.map(({ column, value }) => `(${value}\n) as ${quoted(column)}`).join(', ');
  const assign = rules.map(({ column }) => `new.${quoted(column)} := r.${quoted(column)};`).join(' ');
  await session.query(
    `create or replace function ${functionOf(name, index)}() returns trigger language plpgsql set search_path from current as ${TAG}
declare r record;
begin
  select ${values} into r from (select new.*) as ${quoted(table.table)};
  ${assign}
  return new;
end ${TAG}`,
  );
  await session.query(
    `create trigger ${quoted(name)} before insert or update on ${on} for each row execute function ${functionOf(name, index)}()`,
  );
  // What arrives is computed from what arrived; what clients write, for the way back.
  if (name.endsWith('_in')) await session.query(`alter table ${on} enable replica trigger ${quoted(name)}`);
}

/** Refuses or accepts what clients write, from the commit of the caller's transaction on. */
export async function setFence(
  session: Session,
  tables: readonly TableName[],
  names: Names,
  closed: boolean,
): Promise<void> {
  for (const table of tables) {
    await session.query(
      `alter table ${quotedTable(table)} ${closed ? 'enable' : 'disable'} trigger ${quoted(names.fence)}`,
    );
  }
}

/** Removes all of them. */
export async function dropTriggers(
  session: Session,
  tables: readonly TableName[],
  names: Names,
): Promise<void> {
  for (const table of tables) {
    for (const trigger of await triggersOn(session, table, names)) {
      await session.query(`drop trigger if exists ${quoted(trigger)} on ${quotedTable(table)}`);
    }
  }
  const { rows } = await session.query(
    `select oid::regprocedure::text as name from pg_proc where pronamespace = to_regnamespace('sluice') and proname like $1`,
    [`${names.prefix.replaceAll('_', '\\_')}\\_%`],
  );
  for (const { name } of rows) await session.query(`drop function if exists ${name ?? ''}`);
}

async function triggersOn(session: Session, table: TableName, names: Names): Promise<readonly string[]> {
  const { rows } = await session.query(
    'select tgname::text as name from pg_trigger where tgrelid = to_regclass($1) and starts_with(tgname::text, $2) and not tgisinternal',
    [quotedTable(table), names.prefix],
  );
  return rows.flatMap(({ name }) => (name == null ? [] : [name]));
}

function functionOf(name: string, index: number): string {
  return `sluice.${quoted(`${name}_${index}`)}`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
