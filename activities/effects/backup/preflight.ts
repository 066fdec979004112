/** What would stop a backup, or the way back from it. It only reads. */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { BackupAction, TableName } from '../../../strategy/plan.js';
import type { Session } from '../../sql/session.js';
import { quotedTable, readTable } from '../rows/table.js';

/** One sentence per problem, with what to do. */
export async function checkBackup(
  session: Session,
  { tables }: Pick<BackupAction, 'tables'>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const table of tables) problems.push(...(await checkTable(session, table, tables)));
  return problems;
}

async function checkTable(
  session: Session,
  table: TableName,
  all: readonly TableName[],
): Promise<readonly string[]> {
  const name = tableText(table);
  const found = await readTable(session, table);
  if (found === null) return [`The table ${name} does not exist, or this user may not use its schema.`];
  if (found.key.length === 0) {
    return [
      `The table ${name} has no key by which a backup of it could be restored. Add a primary key, or a unique index over columns that are NOT NULL.`,
    ];
  }
  const problems: string[] = [];
  const [row] = (await session.query(RIGHTS, [found.name])).rows;
  if (row?.writes !== 'true') {
    problems.push(
      `This user may not select, insert, update and delete rows of ${name}, so it could not restore them.`,
    );
  }
  if (row?.owns !== 'true' && row?.triggers === 'true') {
    problems.push(
      `This user does not own ${name}, and only an owner can keep its triggers from firing while its rows are restored. Use a connection of the owner.`,
    );
  }
  return [...problems, ...(await cascades(session, found.name, name, all))];
}

const RIGHTS = `select (has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
  and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete'))::text as writes,
  pg_has_role(c.relowner, 'usage')::text as owns,
  exists (select from pg_trigger where tgrelid = c.oid and not tgisinternal and tgenabled = 'O')::text as triggers
from pg_class c where c.oid = to_regclass($1)`;

/** Rows of other tables that would go with later rows of this one, although no backup has them. */
async function cascades(
  session: Session,
  parent: string,
  text: string,
  all: readonly TableName[],
): Promise<readonly string[]> {
  const { rows } = await session.query(
    `select conrelid::regclass::text as child, conname::text as name from pg_constraint
where contype = 'f' and confrelid = to_regclass($1) and confdeltype in ('c', 'n', 'd')
  and conrelid <> all ($2::text[]::regclass[]) order by 1, 2`,
    [parent, all.map(quotedTable)],
  );
  return rows.map(
    ({ child, name }) =>
      `A restore of ${text} could change rows of ${child ?? ''} by the foreign key ${name ?? ''}, and no backup has them. Add ${child ?? ''} to the tables of the item, or make the key ON DELETE NO ACTION.`,
  );
}
