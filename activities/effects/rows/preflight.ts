/** What would stop a transfer, found before its first row and all at once. It only reads. */
import pg from 'pg';
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { RowsAction, TableName } from '../../../strategy/plan.js';
import { serverMessage } from '../../sql/failure.js';
import type { Answer, Session } from '../../sql/session.js';
import { isCopy, mapping, type Pass, passOf, type Tables, trialsOf } from './pass.js';
import { quoted, quotedTable, readTable, type Table } from './table.js';

export interface Found {
  readonly source: Table | null;
  readonly target: Table | null;
}

/** `from`: where the source is. `saved`: the table that has its rows by now; see `readFrom`. */
export async function findTables(
  session: Session,
  from: Session,
  { source, change }: RowsAction,
  saved: TableName = source,
): Promise<Found> {
  return {
    source: saved === source ? await readTable(from, source) : await readSaved(from, source, saved),
    target: 'target' in change ? await readTable(session, change.target) : null,
  };
}

/** Under the name of the table that the rows are from, as the rules know it. */
async function readSaved(from: Session, source: TableName, saved: TableName): Promise<Table | null> {
  const table = await readTable(from, saved);
  if (table === null) return null;
  const columns = table.columns.filter(({ name }) => name !== 'sluice_after');
  return { ...table, columns, alias: quoted(source.table) };
}

/** One sentence per problem, with what to do. */
export async function preflight(
  session: Session,
  action: RowsAction,
  { source, target }: Found,
): Promise<readonly string[]> {
  const name = tableText(action.source);
  const problems: string[] = [];
  if (source === null)
    problems.push(`The table ${name} does not exist, or this user may not use its schema.`);
  else {
    problems.push(...keyProblems(action, source));
    if (!isCopy(action)) problems.push(...(await cascades(session, action, source)));
  }
  if ('target' in action.change) {
    const into = tableText(action.change.target);
    if (target === null) {
      problems.push(
        `The table ${into} does not exist, or this user may not use its schema. Create it before.`,
      );
    } else {
      if (source !== null) problems.push(...columnProblems(action, source, target));
      if (action.change.do === 'copy' && (await hasRows(session, action.change.target))) {
        problems.push(`The table ${into} is not empty. Empty it, or copy into another one.`);
      }
    }
  }
  return problems;
}

function keyProblems({ source: table, set }: RowsAction, source: Table): readonly string[] {
  const name = tableText(table);
  if (source.key.length === 0) {
    return [
      `The table ${name} has no key to go through its rows by. Add a primary key, or a unique index over columns that are NOT NULL.`,
    ];
  }
  const changed = source.key.filter((column) => set.some((rule) => rule.column === column.name));
  return changed.map(
    (column) => `A rule changes "${column.name}", which is part of the key of ${name}. Remove the rule.`,
  );
}

function columnProblems(action: RowsAction, source: Table, target: Table): readonly string[] {
  if (!('target' in action.change)) return [];
  const into = tableText(action.change.target);
  const problems: string[] = [];
  const mapped = mapping(action, source, target).map(({ column }) => column.name);
  const has = (name: string): boolean => target.columns.some((column) => column.name === name);
  // A program answers the columns of the target, whatever those of the source are.
  const computed = action.program !== undefined;
  for (const { column } of action.set) {
    if (!computed && !mapped.includes(column))
      problems.push(`A rule sets "${column}", which ${into} cannot take.`);
  }
  const lost = source.columns.filter(
    ({ name, generated }) => !computed && !generated && !has(name) && !action.omit.includes(name),
  );
  for (const { name } of lost) {
    problems.push(`${into} has no column "${name}". Add it, or write the rule "omit ${name}".`);
  }
  const keys = (table: Table): string => JSON.stringify(table.key.map((column) => column.name).toSorted());
  if (source.key.length > 0 && keys(source) !== keys(target)) {
    const key = source.key.map((column) => column.name).join(', ');
    problems.push(`${into} must have the same key as ${tableText(action.source)}: a primary key (${key}).`);
  }
  return problems;
}

/** Other tables whose rows the database would change or delete along with ours, where nothing saves them. */
async function cascades(session: Session, action: RowsAction, source: Table): Promise<readonly string[]> {
  if (action.change.do === 'update' || action.change.do === 'fill') return [];
  const { rows } = await session.query(
    `select conrelid::regclass::text as child, conname::text as name from pg_constraint
where contype = 'f' and confrelid = to_regclass($1) and confdeltype in ('c', 'n', 'd') order by 1, 2`,
    [source.name],
  );
  return rows.map(
    ({ child, name }) =>
      `Deleting from ${tableText(action.source)} would change rows of ${child ?? ''} by the foreign key ${name ?? ''}, and the undo could not restore them. Migrate ${child ?? ''} first, or make the key ON DELETE NO ACTION.`,
  );
}

async function hasRows(session: Session, table: RowsAction['source']): Promise<boolean> {
  const query = `select exists (select from ${quotedTable(table)})::text as found`;
  const answer = await onTrial(session, query);
  // A missing privilege is reported by the trial of the statement itself.
  return !('refused' in answer) && answer.rows[0]?.found === 'true';
}

/** Lets Postgres plan what a pass does: types that do not fit, unknown columns and missing privileges show. */
export async function tryPass(session: Session, from: Session, pass: Pass): Promise<readonly string[]> {
  const { statement, pipe, through } = pass;
  if (through !== null) {
    const problems = [...(await tryStatement(from, through.read('true')))];
    for (const trial of through.trials) problems.push(...(await tryStatement(session, trial)));
    return problems;
  }
  if (pipe === null) return tryStatement(session, statement('true'));
  return [...(await tryStatement(from, pipe.query('true'))), ...(await tryStatement(session, pipe.trial))];
}

/** The same for whoever may only read: without the table of saved rows, which is not there yet. */
export async function tryReading(
  session: Session,
  from: Session,
  action: RowsAction,
  tables: Omit<Tables, 'saved'>,
): Promise<readonly string[]> {
  if (isCopy(action)) return tryPass(session, from, passOf(action, { ...tables, saved: '' }));
  const refused = new Set<string>();
  for (const trial of trialsOf(action, tables)) {
    for (const problem of await tryStatement(session, trial)) refused.add(problem);
  }
  return [...refused];
}

export async function tryStatement(session: Session, statement: string): Promise<readonly string[]> {
  const answer = await onTrial(session, `explain ${statement}`);
  return 'refused' in answer ? [`Postgres would refuse it: ${serverMessage(answer.refused)}.`] : [];
}

/** Asks within the transaction, which stays usable when the server refuses. */
async function onTrial(
  session: Session,
  query: string,
): Promise<Answer | { readonly refused: pg.DatabaseError }> {
  await session.query('savepoint sluice_trial');
  try {
    return await session.query(query);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return { refused: error };
  } finally {
    await session.query('rollback to savepoint sluice_trial');
  }
}
