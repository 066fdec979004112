/**
 * A `schema_change`: expand and contract. The item itself adds the new columns, keeps old and new in step by a trigger, fills the
 * rows and validates; `ITEM/contract`, used by a later step, puts the old columns aside; `ITEM/drop`, used by a cleanup task, drops
 * them.
 */
import { nonBlank, numbered } from '../../document.js';
import type { Action, Procedure, RowsAction, SqlAction, TableName } from '../../plan.js';
import { below } from '../../pointer.js';
import { parseDuration } from '../../sentence/duration.js';
import { parseSchemaRule, type SchemaRule } from '../../sentence/schema-rule.js';
import type { Compilation } from '../compilation.js';
import { shorten } from '../reporter.js';
import {
  type DataItem,
  isExpression,
  sidesOf,
  tablePairsOf,
  type Unreadable,
  workersOf,
} from './data-tables.js';
import { askItem, compileItem, type Using } from './item.js';
import { type RowLimits, rowLimitsOf } from './row-limits.js';
import {
  contractStart,
  contractUndoEnd,
  contractUndoStart,
  dropAside,
  expandEnd,
  expandStart,
  expandUndo,
  type SchemaChange,
  type Transaction,
  unfilled,
  unreturned,
} from './schema-sql.js';
import { isQuotable } from './sql-text.js';

export interface Way {
  readonly apply: readonly Action[];
  readonly undo: readonly Action[];
}

interface Found {
  readonly change: SchemaChange;
  readonly connection: string;
  readonly fill: RowLimits & Pick<RowsAction, 'workers'>;
}

/** What the item itself does. */
export function readExpand(c: Compilation, item: DataItem, connection: string | null): Way | Unreadable {
  const found = find(c, item, connection);
  if ('why' in found) return found;
  const { change } = found;
  const rows = change.forward.length === 0 ? [] : [fill(found, 'forward', unfilled(change))];
  return {
    apply: [sql(found, expandStart(change)), ...rows, ...expandEnd(change).map((part) => sql(found, part))],
    undo: [sql(found, expandUndo(change))],
  };
}

/** The step of the contract. It keeps the old columns, so that it can be taken back. */
export function compileContract(c: Compilation, item: DataItem, using: Using): Procedure {
  const found = find(c, item, using.workContext.connection);
  if ('why' in found) return askItem(c, item, using, found.why);
  const { change } = found;
  const rows = change.back.length === 0 ? [] : [fill(found, 'back', unreturned(change))];
  const undo = [
    sql(found, contractUndoStart(change, item.id)),
    ...rows,
    ...contractUndoEnd(change, item.id).map((part) => sql(found, part)),
  ];
  const actions = [sql(found, contractStart(change, item.id))];
  const procedure = compileItem(
    c,
    { work: {}, actions, undo: { allowed: null, work: {}, test: null } },
    using,
  );
  return { ...procedure, undo: { kind: 'actions', actions: undo, checks: [] } };
}

/** The cleanup task that drops the old columns: there is no way back from it. */
export function compileDrop(c: Compilation, item: DataItem, using: Using): Procedure {
  const found = find(c, item, using.workContext.connection);
  if ('why' in found) return askItem(c, item, using, found.why);
  const actions = [sql(found, dropAside(found.change, `${found.change.item}/contract`))];
  const undo = { allowed: null, work: {}, test: null };
  return { ...compileItem(c, { work: {}, actions, undo }, using), undo: { kind: 'impossible' } };
}

/** How long after the completion the old columns stay, when nothing else is said: 7 days, in milliseconds. */
const KEEP_OLD_MS = 604_800_000;

/** How long after the completion a migration keeps its old columns, in milliseconds. */
export function keepOldOf(c: Compilation, { pointer, fields }: DataItem): number {
  const text = nonBlank(fields['x-keep-old']);
  if (text === null) return KEEP_OLD_MS;
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  c.report(below(pointer, 'x-keep-old'), {
    code: 'keep-old',
    message: `"${shorten(text)}" is no duration`,
    advice: 'Write it as "7 days".',
  });
  return KEEP_OLD_MS;
}

function find(c: Compilation, item: DataItem, stepConnection: string | null): Found | Unreadable {
  const sides = sidesOf(c, item, stepConnection);
  if ('why' in sides) return sides;
  const pairs = tablePairsOf(item);
  if ('why' in pairs) return pairs;
  const [pair, second] = pairs;
  if (pair === undefined || second !== undefined || sides.from !== sides.to || !isSame(pair.from, pair.to)) {
    return { why: 'a schema_change is about one table: name it as the only one of source.tables' };
  }
  const rules = rulesOf(c, item);
  if ('why' in rules) return rules;
  const limits = rowLimitsOf(c, item);
  if ('why' in limits) return limits;
  const workers = workersOf(item.fields.execution_plan);
  const added = rules.flatMap((rule) => (rule.kind === 'add-column' ? [rule.column] : []));
  const set = rules.filter((rule) => rule.kind === 'set');
  const change = {
    item: nonBlank(item.fields.migration_id) ?? item.id,
    table: pair.from,
    rules,
    forward: set.filter(({ column }) => added.includes(column)),
    back: set.filter(({ column }) => !added.includes(column)),
    dropped: rules.flatMap((rule) => (rule.kind === 'drop-column' ? [rule.column] : [])),
  };
  const problem = problemOf(change, added);
  if (problem !== null) return { why: problem };
  return {
    change,
    connection: sides.from,
    fill: { ...limits, ...(workers > 1 && { workers }) },
  };
}

function isSame(one: TableName, other: TableName): boolean {
  return one.schema === other.schema && one.table === other.table;
}

const FORMS =
  'write "add column C TYPE", "C = SQL", "set not null C", "add constraint N check (SQL)", "add index N (C)" or "drop column C"';

function rulesOf(c: Compilation, { fields }: DataItem): readonly SchemaRule[] | Unreadable {
  const rules: SchemaRule[] = [];
  for (const { text } of numbered(fields.transformation_logic?.transformation_rules)) {
    const rule = parseSchemaRule(text);
    if (rule === null || !isSql(c, rule) || !isQuotable(text)) {
      return { why: `the rule "${shorten(text)}" is not understood; ${FORMS}` };
    }
    rules.push(rule);
  }
  return rules.length === 0
    ? { why: `no transformation rule says what becomes of the table; ${FORMS}` }
    : rules;
}

/** Postgres's own grammar takes it, as one clause. */
function isSql(c: Compilation, rule: SchemaRule): boolean {
  const parses = (text: string): boolean => c.surroundings.sqlError(text) === null;
  switch (rule.kind) {
    case 'add-column':
      return isOneClause(rule.type) && parses(`alter table t add column c ${rule.type}`);
    case 'constraint':
      return (
        isOneClause(rule.definition) && parses(`alter table t add constraint n ${rule.definition} not valid`)
      );
    case 'unique':
      return isOneClause(rule.columns) && parses(`alter table t add constraint n unique ${rule.columns}`);
    case 'index':
      return isOneClause(rule.on) && parses(`create index n on t ${rule.on}`);
    case 'set':
      return isExpression(c, rule.value);
    case 'not-null':
    case 'drop-column':
      return true;
    default:
      return rule satisfies never;
  }
}

/** No second clause or statement follows; a comment or an escape could hide one. */
function isOneClause(text: string): boolean {
  if (/--|\/\*|\\|\$/.test(text)) return false;
  let rest = text.replaceAll(/'[^']*'|"[^"]*"/g, '');
  for (let shorter = rest; ; rest = shorter) {
    shorter = rest.replaceAll(/\([^()]*\)/g, '');
    if (shorter === rest) return !/[,;()]/.test(rest);
  }
}

/** What Postgres would do at once to every row, while traffic waits. */
const LOCKS = /\b(?:not\s+null|unique|primary\s+key|references|check|generated)\b/i;

function problemOf({ rules, forward, back, dropped }: SchemaChange, added: readonly string[]): string | null {
  for (const rule of rules) {
    if (rule.kind !== 'add-column') continue;
    const lock = LOCKS.exec(rule.type)?.[0];
    if (lock !== undefined) {
      return `"add column ${rule.column}" says ${lock.toUpperCase()}: write it as a rule of its own, which locks nothing`;
    }
    const computed = forward.some(({ column }) => column === rule.column);
    if (computed && /\bdefault\b/i.test(rule.type)) {
      return `the column "${rule.column}" has both a default and a value: remove one of them`;
    }
  }
  const names = rules.map((rule) => `${rule.kind} ${'column' in rule ? rule.column : rule.name}`);
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice !== undefined) return `two rules say "${twice.replace('-', ' ')}"`;
  if (back.length > 0 && forward.length === 0) {
    return `"${back[0]?.column ?? ''} = ..." needs an added column to be computed from`;
  }
  const both = dropped.find((column) => added.includes(column));
  return both === undefined ? null : `the column "${both}" is added and dropped`;
}

function sql({ connection }: Found, statements: Transaction): SqlAction {
  return { kind: 'sql', statements, connection };
}

function fill({ change, connection, fill }: Found, way: 'forward' | 'back', where: string): RowsAction {
  return {
    kind: 'rows',
    item: change.item,
    connection,
    source: change.table,
    change: { do: 'fill' },
    set: change[way].map(({ column, value }) => ({ column, value })),
    omit: [],
    where,
    direction: 'apply',
    ...fill,
  };
}
