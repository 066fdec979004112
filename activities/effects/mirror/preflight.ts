/** What would stop a mirror, found before its first trigger and all at once. It only reads. */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { MirrorAction, RowsAction, TableName } from '../../../strategy/plan.js';
import type { Session } from '../../sql/session.js';
import { findTables, preflight, tryReading, tryStatement } from '../rows/preflight.js';
import { quoted } from '../rows/table.js';
import { backMapping, type Pair } from './ways.js';

export interface Checked {
  /** Null where a table or its key is missing. */
  readonly pair: Pair | null;
  /** One sentence each, with what to do. */
  readonly problems: readonly string[];
}

/** Within a transaction. */
export async function checkMirror(session: Session, action: MirrorAction): Promise<Checked> {
  const copy = copyOf(action);
  const { source, target } = await findTables(session, session, copy);
  const problems = [...(await preflight(session, copy, { source, target }))];
  if (source === null || target === null || source.key.length === 0 || target.key.length === 0) {
    return { pair: null, problems };
  }
  const pair = { source, target };
  problems.push(...(await tryReading(session, session, copy, pair)));
  const triggered = action.method === 'dual_write' ? [action.source, action.target] : [action.source];
  problems.push(...(await triggerProblems(session, triggered)));
  const own =
    action.method === 'dual_write'
      ? await dualProblems(session, action, pair)
      : await shadowProblems(session, action);
  return { pair, problems: [...problems, ...own] };
}

/** The copy of what is there, which has the same conditions. */
function copyOf({ item, connection, source, target, set, omit, where }: MirrorAction): RowsAction {
  const change = { do: 'copy', target } as const;
  const limits = { batchSize: null, ratePerSecond: null };
  return { kind: 'rows', item, connection, source, change, set, omit, where, direction: 'apply', ...limits };
}

/** Why these tables cannot have triggers that always fire. */
export async function triggerProblems(
  session: Session,
  tables: readonly TableName[],
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const table of tables) {
    const name = `${quoted(table.schema)}.${quoted(table.table)}`;
    const query = `select has_table_privilege(to_regclass($1), 'trigger')::text as allowed,
      pg_has_role(c.relowner, 'usage')::text as owned, (c.relkind not in ('r', 'p'))::text as other from pg_class c where c.oid = to_regclass($1)`;
    const [row] = (await session.query(query, [name])).rows;
    if (row?.other === 'true') {
      problems.push(`${tableText(table)} is no ordinary table, so it cannot have the triggers.`);
    } else if (row?.owned !== 'true') {
      problems.push(
        `This user does not own ${tableText(table)}, and only an owner can put triggers on it that always fire. Use a connection of the owner.`,
      );
    }
  }
  return problems;
}

/** Why what clients write to the target could not reach the source. `session`: of the source. */
export async function backProblems(
  session: Session,
  action: Pick<MirrorAction, 'source' | 'target' | 'set' | 'back' | 'omit'>,
  { source, target }: Pair,
): Promise<readonly string[]> {
  const [from, to] = [tableText(action.source), tableText(action.target)];
  const problems: string[] = [];
  const mapped = backMapping(action, source, target).map(({ column }) => column.name);
  for (const { column } of action.back) {
    if (!mapped.includes(column)) problems.push(`A rule sets "source.${column}", which ${from} cannot take.`);
    else if (source.key.some(({ name }) => name === column)) {
      problems.push(
        `A rule changes "source.${column}", which is part of the key of ${from}. Remove the rule.`,
      );
    }
  }
  const computed = action.set.filter(({ column }) => !source.columns.some(({ name }) => name === column));
  if (computed.length > 0 && action.back.length === 0) {
    const column = computed[0]?.column ?? '';
    problems.push(
      `"${column}" is computed from ${from}, and nothing says what ${from} gets when a client writes ${to}. Write a rule "source.COLUMN = SQL".`,
    );
  }
  const query = `select attname::text as name from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped
    and attnotnull and not atthasdef and attidentity = ''`;
  for (const { name } of (await session.query(query, [source.name])).rows) {
    if (name == null || mapped.includes(name)) continue;
    problems.push(
      `${from}.${name} is NOT NULL, and nothing says it for a row that a client writes to ${to}. Write the rule "source.${name} = SQL".`,
    );
  }
  return problems;
}

async function dualProblems(session: Session, action: MirrorAction, pair: Pair): Promise<readonly string[]> {
  const { source, target } = pair;
  const problems = [...(await backProblems(session, action, pair))];
  for (const { name, sequence } of source.key) {
    const other = target.key.find((column) => column.name === name)?.sequence ?? null;
    if (sequence === null || other === null) continue;
    problems.push(
      `Both tables draw "${name}" from a sequence of their own, so two clients would get the same number. Let both use one: alter table ${target.name} alter column ${quoted(name)} drop identity if exists, alter column ${quoted(name)} set default nextval('${sequence}'), and detach the other one (alter sequence ... owned by none).`,
    );
  }
  if (problems.length > 0) return problems;
  const list = backMapping(action, source, target);
  const columns = list.map(({ column }) => quoted(column.name)).join(', ');
  const values = list.map(({ value }) => value).join(', ');
  return tryStatement(
    session,
    `insert into ${source.name} (${columns}) overriding system value select ${values} from ${target.name}`,
  );
}

/** What a trigger cannot catch, because it comes with the commit of the client. */
async function shadowProblems(session: Session, { target }: MirrorAction): Promise<readonly string[]> {
  const query = `select conname::text as name from pg_constraint where conrelid = to_regclass($1) and condeferred order by 1`;
  const { rows } = await session.query(query, [`${quoted(target.schema)}.${quoted(target.table)}`]);
  return rows.map(
    ({ name }) =>
      `The constraint ${name ?? ''} of ${tableText(target)} is checked when a client commits, so a shadow write could fail it. Make it INITIALLY IMMEDIATE.`,
  );
}
